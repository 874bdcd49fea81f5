"""`dejavu query`: the nearest public images to any picture."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import Layer
from dejavu_cli.output import STDOUT, Format


def query(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[AUDIT] IMAGE",
            help="Any picture's path, or an image id of the audit; before it the audit folder, if needed.",
        ),
    ],
    crop: Annotated[
        str | None, typer.Option(metavar="x0,y0,x1,y1", help="Part of the picture, in pixels. Default: all of it.")
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")] = None,
    layer: Layer = None,
    k: Annotated[int | None, typer.Option("--k", help="How many neighbours. Default: the audit's k.")] = None,
    out: Annotated[str, typer.Option(metavar="-|FILE", help="Where to write.")] = STDOUT,
    format: Annotated[  # noqa: A002  it is the option's name
        Format | None, typer.Option(help="Default: by FILE's ending; a table on a terminal, CSV in a pipe.")
    ] = None,
) -> None:
    """Show the nearest public images to a picture, under A and under B, from the stored index."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.numbers import whole_numbers
    from dejavu_cli.output import choose_format, emit, note, talk
    from dejavu_tui.images.boxes import Box
    from dejavu_tui.text import safe_text
    from dejavu_tui.workflows.query import find_picture
    from dejavu_tui.workflows.query import query as answer
    from dejavu_tui.workflows.runs import choose_epochs, choose_run
    from dejavu_tui.workflows.stored import stored
    from dejavu_tui.workspace import find_audit

    if len(paths) > 2:
        raise typer.BadParameter("one picture, and before it at most the audit folder", param_hint="IMAGE")
    box = None if crop is None else Box(*whole_numbers(crop, option="--crop", count=4))
    chosen = choose_format(format, out=out)
    audit = find_audit(Path(paths[0]) if len(paths) == 2 else None)
    picture = find_picture(audit, paths[-1])
    named = choose_run(audit, run)
    (at,) = choose_epochs(named, epoch=epoch, sweep=False)
    with graceful() as stop, talk() as progress:
        near = answer(
            audit, picture, crop=box, run=named.name, epoch=at, layer=layer, k=k, progress=progress, stop=stop
        )
    measured = stored(audit, named.name, at, layer=layer, k=audit.settings.k).layer
    note(f"run {named.name}, epoch {at}, layer {safe_text(measured)}")
    emit(near, format=chosen, out=out)
