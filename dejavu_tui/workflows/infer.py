"""From neighbours to guesses, confidences and hits, for each direction."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.errors import ArtefactError
from dejavu_tui.inference.confidence import confidence
from dejavu_tui.inference.votes import Votes, tally
from dejavu_tui.records import Trainer
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.rows import Attacked
from dejavu_tui.workflows.search import Found
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Inferred:
    """What one encoder infers of all attacked images (n,), in order of image_id: votes, confidences in nats."""

    votes: Votes
    confidence: NDArray[np.float64]


def infer(audit: Audit, found: Found, *, k: int) -> Inferred:
    """Let the first `k` of the neighbours `found` vote. Raises ArtefactError: neighbours that are not of X."""
    if not np.array_equal(found.queries, audit.attacked()["image_id"]):
        raise foreign_neighbours(audit)
    return infer_from(audit, found.neighbours.ids[:, :k])


def infer_from(audit: Audit, near: NDArray[np.int64]) -> Inferred:
    """Let the neighbours `near` (n, k), nearest first, vote. Raises ArtefactError: they are not of X."""
    labels = _labels(audit.members("X"), near)
    if labels is None:
        raise foreign_neighbours(audit)
    votes = tally(labels)
    return Inferred(votes, confidence(votes.counts))


def foreign_neighbours(audit: Audit) -> ArtefactError:
    """Return the error that says that neighbours are of another audit."""
    what = "the neighbours are not those of this audit"
    return ArtefactError(what, where=audit.root / "neighbours", fix="remove the folder")


def answers(
    attacked: pl.DataFrame,
    inferred: dict[Trainer, Inferred],
    *,
    label_rank: int,
    asked: NDArray[np.bool_] | None = None,
) -> dict[Attacked, Answers]:
    """Return the directions A and B, and E if images of it are `attacked` (n rows in order of image_id).

    Only of the images marked in `asked` (n,), if given. The target encoder of B is SSL_B, of A and E it is SSL_A. A
    hit is the true label among `label_rank` guesses.
    """
    labels, parts = attacked["label"].to_numpy(), attacked["part"].to_numpy()
    hits = {trainer: one.votes.hits(labels, rank=label_rank) for trainer, one in inferred.items()}
    directions: list[tuple[Attacked, Trainer, Trainer]] = [("A", "A", "B"), ("B", "B", "A"), ("E", "A", "B")]
    counted = {part: (parts == part) if asked is None else (parts == part) & asked for part, _, _ in directions}
    return {
        part: Answers(
            inferred[target].confidence[counted[part]],
            hits[target][counted[part]],
            inferred[reference].confidence[counted[part]],
            hits[reference][counted[part]],
        )
        for part, target, reference in directions
        if part != "E" or counted["E"].any()
    }


def _labels(public: pl.DataFrame, near: NDArray[np.int64]) -> NDArray[np.int32] | None:
    """Return the labels (n, k) of the images `near` (n, k), None if one of them is not in `public`."""
    ids = public["image_id"].to_numpy()  # rising
    if near.min() < 0 or near.max() > ids[-1]:
        return None
    label_of = np.full(ids[-1] + 1, -1, np.int32)  # by image_id: 20 times as fast as a search of sorted ids
    label_of[ids] = public["label"].to_numpy()
    labels = label_of[near]
    return None if labels.min() < 0 else labels
