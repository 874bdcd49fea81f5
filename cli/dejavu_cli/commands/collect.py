"""`dejavu collect`: a selection of images, taken out of the audit."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import Epoch, Layer, Run, Voters
from dejavu_cli.output import STDOUT


class FormChoice(StrEnum):
    """What is written."""

    CSV = "csv"
    IDS = "ids"
    SHEET = "sheet"
    LINKS = "links"


def collect(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="[AUDIT] IMAGE...",
            help="Image ids or paths, or - to read them from stdin, one a line; before them the audit, if needed.",
        ),
    ],
    form: Annotated[
        FormChoice,
        typer.Option(
            "--as",
            help="The rows of `dejavu score --per-sample`, the ids, contact sheets as PNG, or a folder of links.",
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="PATH", help="The file, or the folder of links.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
) -> None:
    """Take attacked images out of the audit for others to look at; prints what was written."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.named import audit_and_images
    from dejavu_cli.output import note, talk, write_stdout
    from dejavu_tui.workflows.collect import WARNING
    from dejavu_tui.workflows.collect import collect as take
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workflows.show import identify_all
    from dejavu_tui.workspace import find_audit

    if str(out) == STDOUT:
        raise typer.BadParameter("name a file; `dejavu show` writes to stdout", param_hint="--out")
    folder, named = audit_and_images(images)
    found = find_audit(folder)
    ids = identify_all(found, named)
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
        taken = take(
            found, chosen.samples, ids, form=form.value, out=out, replace=force, progress=progress, stop=stop
        )
    for path in taken.unreadable:
        note(f"cannot be read: {path}")
    note(WARNING)
    write_stdout("".join(f"{path}\n" for path in taken.written).encode("utf-8", "surrogateescape"))
