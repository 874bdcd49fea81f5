"""The score of every run at its last epoch, the highest first: methods and recipes side by side."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis
from dejavu_tui.plots.captions import subtitle
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.places import notes, panels
from dejavu_tui.text import safe_text

SOURCE: Source = "runs"
_LONGEST = 24


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES at one p, of one snapshot of several runs."""
    both = scores.filter(direction="both")
    runs = both.sort("dejavu_score", "run", descending=[True, False], nulls_last=True)["run"].to_list()
    return Chart(
        "Déjà vu memorization by run",
        subtitle(both),
        category_axis("run, at its last epoch", [safe_text(run, limit=_LONGEST) for run in runs]),
        panels(scores, over="run", order=runs),
        notes(scores, over="run", order=runs),
    )
