"""The attacked images of the one snapshot that is meant, and the votes of their neighbours."""

from dataclasses import dataclass

import polars as pl

from dejavu_tui.inference.votes import Votes, tally
from dejavu_tui.workflows.searching import SearchName
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and its table SAMPLES with its lists, which may be empty.

    `recall` (0..1) is that of `search` against exact, the lower of both encoders'.
    """

    run: str
    epoch: int
    layer: str
    k: int
    search: SearchName
    recall: float
    samples: pl.DataFrame

    @property
    def context(self) -> pl.DataFrame:
        """One row: run, epoch, layer, k."""
        schema = {"run": pl.String, "epoch": pl.Int64, "layer": pl.String, "k": pl.Int64}
        return pl.DataFrame([(self.run, self.epoch, self.layer, self.k)], schema=schema, orient="row")

    @property
    def searched(self) -> pl.DataFrame:
        """One row: search, recall."""
        return pl.DataFrame({"search": [self.search], "recall": [self.recall]})


def votes(audit: Audit, neighbours: pl.Series, *, k: int) -> Votes:
    """Return the votes of `neighbours`, n lists of `k` image ids of X each, nearest first."""
    public = audit.members("X").select("image_id", "label")
    ids = neighbours.explode().to_numpy().reshape(-1, k)  # (n, k)
    places = public["image_id"].to_numpy().searchsorted(ids)
    return tally(public["label"].to_numpy()[places])
