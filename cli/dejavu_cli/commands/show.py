"""`dejavu show`: one image, what both encoders guess of it, and why."""

from typing import Annotated

import typer

from dejavu_cli.options import AsFormat, Epoch, Layer, Out, Run, Voters
from dejavu_cli.output import STDOUT, Format

_SHOWN = 10
"""Neighbours of each encoder that a table shows unless -n says how many."""


def show(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="[AUDIT] IMAGE...",
            help="Image ids or paths, or - to read them from stdin, one a line; before them the audit, if needed.",
        ),
    ],
    number: Annotated[
        int | None,
        typer.Option(
            "-n", metavar="N", min=1, help="Neighbours of each encoder. Default: 10 in a table, else all k."
        ),
    ] = None,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Show an attacked image: what both encoders guess, the votes, and the neighbours that voted."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.named import audit_and_images
    from dejavu_cli.output import choose_format, deliver, emit, talk
    from dejavu_cli.scored import tell_search
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workflows.show import identify_all
    from dejavu_tui.workflows.show import show as look
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    folder, named = audit_and_images(images)
    found = find_audit(folder)
    ids = identify_all(found, named)
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    tell_search(chosen.searched)
    frame = look(found, chosen, ids)
    if written is Format.TABLE and not frame.is_empty():
        from dejavu_cli.people import terminal_width
        from dejavu_cli.portrait import portrait

        seen = frame.partition_by("image_id", maintain_order=True)
        texts = [portrait(one, neighbours=number or _SHOWN, width=terminal_width()) for one in seen]
        deliver("\n".join(texts).encode(), out=out)
    else:
        emit(frame if number is None else frame.filter(frame["rank"] <= number), format=written, out=out)
