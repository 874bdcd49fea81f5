"""`dejavu plot`: figures as pictures with their numbers beside them, or in the terminal."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import Layer


def plot(
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE", help="classes, confidence, epochs, histogram, layers, partition, runs or sizes."
        ),
    ],
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE.png|.svg|.pdf", help="Where to write. Default: FIGURE.png."),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Print the figure as text; no file is written.")
    ] = False,
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")] = None,
    layer: Layer = None,
    k: Annotated[int | None, typer.Option("--k", help="Neighbours that vote. Default: the audit's k.")] = None,
    top: Annotated[
        int | None, typer.Option(metavar="P", help="Share of most confident images, percent. Default: 20.")
    ] = None,
) -> None:
    """Draw a figure into FILE, write its numbers to the CSV file beside it, and print both paths."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import note, talk, wants_colour, write_stdout
    from dejavu_cli.scored import tell_search
    from dejavu_tui.plots import load_figure
    from dejavu_tui.workflows.plot import check_out, draw, save
    from dejavu_tui.workflows.plotted import Wanted
    from dejavu_tui.workspace import find_audit

    if terminal and out is not None:
        raise typer.BadParameter("writes no file; leave --out away", param_hint="--terminal")
    load_figure(figure)
    place = out or Path(f"{figure}.png")
    if not terminal:
        check_out(place)
    found = find_audit(audit)
    wanted = Wanted(run=run, epoch=epoch, layer=layer, k=k, top=top)
    with graceful() as stop, talk() as progress:
        drawn = draw(found, figure, wanted, progress=progress, stop=stop)
    tell_search(drawn.searched)
    for missing in drawn.missing:
        note(f"not drawn: {missing}")
    if terminal:
        from dejavu_tui.plots.terminal import coloured, plain
        from dejavu_tui.plots.terminal import draw as rows_of

        width, height = _size()
        rows = rows_of(drawn.chart, width=width, height=height)
        write_stdout((coloured(rows) if wants_colour() else plain(rows)).encode())
        return
    files = save(drawn, place)
    write_stdout("".join(f"{file}\n" for file in files).encode("utf-8", "surrogateescape"))


def _size() -> tuple[int, int]:
    """Return the cells a figure may take: those of the terminal but for the line of the next prompt."""
    import shutil
    import sys

    from dejavu_tui.plots.terminal import HEIGHT, WIDTH

    if not sys.stdout.isatty():
        return WIDTH, HEIGHT
    columns, lines = shutil.get_terminal_size((WIDTH, HEIGHT))
    return columns, lines - 1
