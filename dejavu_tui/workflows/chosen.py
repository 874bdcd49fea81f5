"""The attacked images of the one snapshot that is meant, and the votes of their neighbours."""

from dataclasses import dataclass

import polars as pl

from dejavu_tui.inference.votes import Votes, tally
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.pairs import LAYER
from dejavu_tui.workflows.runs import choose_epochs, choose_run
from dejavu_tui.workflows.samples import samples
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and its table SAMPLES, which may be empty."""

    run: str
    epoch: int
    layer: str
    k: int
    samples: pl.DataFrame

    @property
    def context(self) -> pl.DataFrame:
        """One row: run, epoch, layer, k."""
        schema = {"run": pl.String, "epoch": pl.Int64, "layer": pl.String, "k": pl.Int64}
        return pl.DataFrame([(self.run, self.epoch, self.layer, self.k)], schema=schema, orient="row")


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
) -> Chosen:
    """Return the attacked images of one snapshot: the last of the run trained last, at the audit's k, unless named.

    What is missing on the way there is made and kept, as `score_run` does. Raises as `score_run` does.
    """
    named = choose_run(audit, run)
    (at,) = choose_epochs(named, epoch=epoch, sweep=False)
    voters = audit.settings.k if k is None else k
    frame = samples(
        audit,
        run=named.name,
        epoch=at,
        layer=layer,
        k=voters,
        search=search,
        recall=recall,
        progress=progress,
        stop=stop,
    )
    return Chosen(named.name, at, layer, voters, frame)


def votes(audit: Audit, neighbours: pl.Series, *, k: int) -> Votes:
    """Return the votes of `neighbours`, n lists of `k` image ids of X each, nearest first."""
    public = audit.members("X").select("image_id", "label")
    ids = neighbours.explode().to_numpy().reshape(-1, k)  # (n, k)
    places = public["image_id"].to_numpy().searchsorted(ids)
    return tally(public["label"].to_numpy()[places])
