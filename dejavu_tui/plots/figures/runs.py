"""The score of every run at its last epoch, the highest first: methods and recipes side by side."""

from collections.abc import Sequence

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis
from dejavu_tui.plots.captions import subtitle
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.places import notes, panels
from dejavu_tui.text import safe_text

SOURCE: Source = "runs"
_LONGEST = 64
_ROOM = 54
"""Letters of all names under the axis, the space around each counted as two: what a narrow terminal has."""


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES at one p, of one snapshot of several runs.

    Runs that are not measured at the same layer have theirs beside the name. Names that would be cut,
    and so might read alike, are written below, by numbers on the axis.
    """
    both = scores.filter(direction="both")
    runs = both.sort("dejavu_score", "run", descending=[True, False], nulls_last=True)["run"].to_list()
    layers = dict(both.select("run", "layer").iter_rows())
    several = len(set(layers.values())) > 1
    names = [safe_text(f"{run} {layers[run]}" if several else run, limit=_LONGEST) for run in runs]
    numbers = [str(place) for place in range(1, len(names) + 1)]
    legible = _legible(names)
    below = () if legible else (", ".join(map("=".join, zip(numbers, names, strict=True))),)
    return Chart(
        "Déjà vu memorization by run",
        subtitle(both),
        category_axis("run, at its last epoch", names if legible else numbers),
        panels(scores, over="run", order=runs),
        (*below, *notes(scores, over="run", order=runs)),
    )


def _legible(names: Sequence[str]) -> bool:
    """Tell whether all names have room, each of the same width."""
    return len(names) * (max(map(len, names)) + 2) <= _ROOM
