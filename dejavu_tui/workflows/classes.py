"""The class table of one snapshot: accuracies, gap and kinds, class by class."""

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.inference.votes import GUESSES
from dejavu_tui.scores.classes import class_rows
from dejavu_tui.tables import CLASSES
from dejavu_tui.workflows.chosen import Chosen, votes
from dejavu_tui.workspace import Audit


def classes(audit: Audit, chosen: Chosen, *, label_rank: int = 1, directions: bool = False) -> pl.DataFrame:
    """Return the table CLASSES, a row for each direction and class of the audit, in order of direction and label.

    Accuracies and kinds are those of all attacked images of the class; a hit is the true class among `label_rank`
    guesses. Raises RequestError as `check_label_rank` does.
    """
    check_label_rank(label_rank)
    rows = class_rows(_hits(audit, chosen, label_rank=label_rank), audit.class_names, directions=directions)
    table = chosen.context.with_columns(label_rank=pl.lit(label_rank, pl.Int64)).join(rows, how="cross")
    return CLASSES.check(table.select(list(CLASSES.schema)))


def check_label_rank(rank: int) -> None:
    """Raise RequestError unless a true class may be looked for among `rank` guesses: 1..5."""
    if not 1 <= rank <= GUESSES:
        raise RequestError(f"label rank {rank} is out of range", fix=f"choose --labels from 1 to {GUESSES}")


def _hits(audit: Audit, chosen: Chosen, *, label_rank: int) -> pl.DataFrame:
    """Return part, label, target_hit and reference_hit of each attacked image, judged at `label_rank`."""
    frame = chosen.samples
    hits = frame.select("part", "label", "target_hit", "reference_hit")
    if label_rank == 1:
        return hits
    labels = frame["label"].to_numpy()
    return hits.with_columns(
        pl.Series(
            f"{side}_hit", votes(audit, frame[f"{side}_neighbours"], k=chosen.k).hits(labels, rank=label_rank)
        )
        for side in ("target", "reference")
    )
