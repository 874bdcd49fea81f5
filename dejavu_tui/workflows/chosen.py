"""The attacked images of the one snapshot that is meant, and the votes of their neighbours."""

import numpy as np
import polars as pl

from dejavu_tui.inference.votes import Votes, tally
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.pairs import LAYER
from dejavu_tui.workflows.runs import choose_epochs, choose_run
from dejavu_tui.workflows.samples import samples
from dejavu_tui.workspace import Audit


def chosen_samples(
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
    """Return the table SAMPLES of one snapshot: the last of the run trained last, at the audit's k, unless named.

    What is missing on the way there is made and kept, as `score_run` does. Raises as `score_run` does.
    """
    chosen = choose_run(audit, run)
    (at,) = choose_epochs(chosen, epoch=epoch, sweep=False)
    return samples(
        audit,
        run=chosen.name,
        epoch=at,
        layer=layer,
        k=audit.settings.k if k is None else k,
        search=search,
        recall=recall,
        progress=progress,
        stop=stop,
    )


def votes(audit: Audit, neighbours: pl.Series, *, k: int) -> Votes:
    """Return the votes of `neighbours`, n lists of `k` image ids of X each, nearest first."""
    public = audit.members("X").select("image_id", "label")
    ids = neighbours.explode().to_numpy().reshape(-1, k)  # (n, k)
    places = np.searchsorted(public["image_id"].to_numpy(), ids)
    return tally(public["label"].to_numpy()[places])
