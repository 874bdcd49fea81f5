"""The confidence histogram of one snapshot."""

import polars as pl

from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.scores.histogram import histogram_rows
from dejavu_tui.tables import HISTOGRAM
from dejavu_tui.workflows.chosen import chosen_samples
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.pairs import LAYER
from dejavu_tui.workspace import Audit


def histogram(
    audit: Audit,
    *,
    run: str | None = None,
    epoch: int | None = None,
    layer: str = LAYER,
    k: int | None = None,
    search: str = "auto",
    recall: float = RECALL,
    progress: Progress = silent,
    stop: Stop = never,
) -> pl.DataFrame:
    """Return the table HISTOGRAM: images by part, encoder, kind and bin of confidence, from -ln k to 0.

    For each encoder the rows sum to all attacked images. Defaults and what is made on the way, and what is
    raised, as `chosen_samples`.
    """
    chosen = chosen_samples(
        audit,
        run=run,
        epoch=epoch,
        layer=layer,
        k=k,
        search=search,
        recall=recall,
        progress=progress,
        stop=stop,
    )
    table = chosen.context.join(histogram_rows(chosen.samples, k=chosen.k), how="cross")
    return HISTOGRAM.check(table.select(list(HISTOGRAM.schema)))
