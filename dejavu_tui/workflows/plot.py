"""A figure of an audit: its Chart and its numbers, and both as files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.errors import RequestError
from dejavu_tui.plots import FORMATS, load_figure
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.plotted import SOURCES, Wanted
from dejavu_tui.workspace import Audit

if TYPE_CHECKING:
    from dejavu_tui.plots.chart import Chart

DEFAULT = Wanted()
"""Of every figure what it shows unless asked for something else."""
NUMBERS = ".csv"
"""Ending of the file of a figure's numbers."""


@dataclass(frozen=True)
class Drawn:
    """A figure and the rows it was drawn from. `missing`: what the figure would show and does not, and why;
    `searched`: search and recall of the neighbours of each row, or of all.
    """

    chart: "Chart"
    numbers: pl.DataFrame
    searched: pl.DataFrame
    missing: tuple[str, ...] = ()


def draw(
    audit: Audit, figure: str, wanted: Wanted = DEFAULT, *, progress: Progress = silent, stop: Stop = never
) -> Drawn:
    """Return `figure` of `audit`; what is missing on the way is made and kept.

    Raises RequestError: no such figure, or one that runs over what `wanted` fixes; MeasurementError: no number to
    draw; and all that `score_run` raises.
    """
    info = load_figure(figure)
    source = SOURCES[info.source]
    for name in source.over:
        if getattr(wanted, name) is not None:
            raise RequestError(f"figure {figure} takes no --{name}", fix=f"leave --{name} out")
    rows = source.rows(audit, wanted, progress, stop)
    return Drawn(info.chart(rows.numbers), rows.numbers, rows.searched, rows.missing)


def check_out(out: Path) -> None:
    """Raise RequestError if a figure cannot be written to `out`, or its numbers beside it: wrong ending, a folder
    that is not there, or one that stands in their place.
    """
    if out.suffix.lower().removeprefix(".") not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise RequestError("a figure's file ends in " + endings, where=safe_text(str(out)), fix="name it FILE.png")
    if not out.parent.is_dir():
        raise RequestError("no such folder", where=safe_text(str(out.parent)), fix="make it first")
    for file in (out, out.with_suffix(NUMBERS)):
        if file.is_dir():
            raise RequestError("is a folder", where=safe_text(str(file)), fix="choose another name with -o")


def save(drawn: Drawn, out: Path) -> tuple[Path, Path]:
    """Write the figure to `out` (.png, .svg or .pdf) and its numbers to the CSV file beside it; return both paths.

    Raises RequestError as `check_out` does.
    """
    check_out(out)
    from dejavu_tui.plots.picture import render

    numbers = out.with_suffix(NUMBERS)
    write_atomically(out, render(drawn.chart, format=out.suffix.lower().removeprefix(".")))
    write_atomically(numbers, drawn.numbers.write_csv(line_terminator="\n").encode())
    return out, numbers
