"""The confidence histogram of one snapshot."""

import polars as pl

from dejavu_tui.scores.histogram import histogram_rows
from dejavu_tui.tables import HISTOGRAM
from dejavu_tui.workflows.chosen import Chosen


def histogram(chosen: Chosen) -> pl.DataFrame:
    """Return the table HISTOGRAM: images by part, encoder, kind and bin of confidence, from -ln k to 0.

    For each encoder the rows sum to all attacked images.
    """
    table = chosen.context.join(histogram_rows(chosen.samples, k=chosen.k), how="cross")
    return HISTOGRAM.check(table.select(list(HISTOGRAM.schema)))
