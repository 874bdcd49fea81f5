"""`dejavu crops`: a contact sheet of images with boxes and crops."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import AuditFolder
from dejavu_cli.output import STDOUT


def crops(
    audit: AuditFolder = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="SHEET.png", help="The picture to write.")] = Path(
        "crops.png"
    ),
    number: Annotated[
        int,
        typer.Option("-n", metavar="N", min=1, max=200, help="How many images, drawn by the seed."),
    ] = 40,
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there.")] = False,
) -> None:
    """Draw images with their boxes and crops on a contact sheet, to look before training; prints its path."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import note, talk, write_stdout
    from dejavu_tui.workflows.crops import WARNING, draw_crops
    from dejavu_tui.workspace import find_audit

    if str(out) == STDOUT:
        raise typer.BadParameter("name a file", param_hint="--out")
    found = find_audit(audit)
    with graceful() as stop, talk() as progress:
        unreadable = draw_crops(found, out, count=number, replace=force, progress=progress, stop=stop)
    for path in unreadable:
        note(f"cannot be read: {path}")
    note(WARNING)
    write_stdout(f"{out}\n".encode("utf-8", "surrogateescape"))
