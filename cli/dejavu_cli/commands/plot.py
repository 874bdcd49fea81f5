"""`dejavu plot`: figures, with their numbers beside them."""

from pathlib import Path
from typing import Annotated

import typer


def plot(
    figure: Annotated[str, typer.Argument(metavar="FIGURE", help="Which figure: confidence.")],
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.png", help="Where to write.")] = Path(
        "figure.png"
    ),
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")] = None,
    layer: Annotated[str, typer.Option(metavar="L", help="Which layer.")] = "projector",
    k: Annotated[int | None, typer.Option("--k", help="Neighbours that vote. Default: the audit's k.")] = None,
) -> None:
    """Draw a figure into FILE.png and write its numbers to FILE.csv; prints both paths."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import talk, write_stdout
    from dejavu_tui.workflows.plot import plot as draw
    from dejavu_tui.workspace import find_audit

    found = find_audit(audit)
    with graceful() as stop, talk() as progress:
        files = draw(found, figure, out, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    write_stdout("".join(f"{file}\n" for file in files).encode("utf-8", "surrogateescape"))
