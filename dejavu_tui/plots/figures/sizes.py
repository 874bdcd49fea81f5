"""Score, linear probe gap and two kinds against the size of the training set (Figure 4 of the paper)."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.sweep import sweep_chart

SOURCE: Source = "probed_sizes"


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES, of the runs that differ in train size only, at one p."""
    label = "images that each encoder was trained on"
    return sweep_chart(scores, over="train_size", title="Déjà vu memorization by training-set size", label=label)
