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
    public = audit.members("X").select("image_id", "label")
    ids, labels = public["image_id"].to_numpy(), public["label"].to_numpy()
    near = found.neighbours.ids[:, :k]
    places = np.minimum(np.searchsorted(ids, near), len(ids) - 1)
    if not np.array_equal(ids[places], near) or not np.array_equal(found.queries, audit.attacked()["image_id"]):
        raise ArtefactError(
            "the neighbours are not those of this audit", where=audit.root / "neighbours", fix="remove the folder"
        )
    votes = tally(labels[places])
    return Inferred(votes, confidence(votes.counts))


def answers(
    attacked: pl.DataFrame, inferred: dict[Trainer, Inferred], *, label_rank: int
) -> dict[Attacked, Answers]:
    """Return the directions A and B, and E if images of it are `attacked` (rows in order of image_id).

    The target encoder of B is SSL_B, of A and E it is SSL_A. A hit is the true label among `label_rank` guesses.
    """
    ids, labels, parts = (attacked[name].to_numpy() for name in ("image_id", "label", "part"))
    hits = {trainer: one.votes.hits(labels, rank=label_rank) for trainer, one in inferred.items()}
    directions: list[tuple[Attacked, Trainer, Trainer]] = [("A", "A", "B"), ("B", "B", "A"), ("E", "A", "B")]
    return {
        part: Answers(
            ids[parts == part],
            inferred[target].confidence[parts == part],
            hits[target][parts == part],
            inferred[reference].confidence[parts == part],
            hits[reference][parts == part],
        )
        for part, target, reference in directions
        if part != "E" or (parts == "E").any()
    }
