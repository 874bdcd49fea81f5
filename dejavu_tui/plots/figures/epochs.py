"""Score, linear probe gap and two kinds against epochs (Figure 4 of the paper)."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.sweep import sweep_chart

SOURCE: Source = "probed_epochs"


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES, of one run at one p, over its snapshots."""
    return sweep_chart(scores, over="epoch", title="Déjà vu memorization during training", label="epoch")
