"""Percentile bootstrap of the déjà vu score over images (METHOD 2.6).

All that a score needs of an image is which encoder was right and where both confidences rank. Images that agree in
that are interchangeable, so they are drawn from in the order of just that: an interval depends on what was
answered and on the seed, not on the images' ids or order, nor on which part is called A.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Stop, never
from dejavu_tui.scores.accuracy import at_cut, cut, ranking
from dejavu_tui.scores.answers import Answers
from dejavu_tui.seeds import generator

LEVEL = 0.95
_Direction = TypeVar("_Direction")


def bootstrap(
    answers: Answers,
    percents: NDArray[np.int64],
    *,
    resamples: int,
    rng: np.random.Generator,
    stop: Stop = never,
) -> NDArray[np.float64]:
    """Return the déjà vu score (resamples, p) in each resample of the n >= 1 images of one direction.

    An image is drawn with both encoders' answers. Each encoder's top p% is selected anew in every resample, by
    its own confidence, with the expectation over ties at the cut. Raises StoppedError.
    """
    n = len(answers)
    kept = cut(n, percents)
    cells = _Cells.of(answers)
    scores = np.empty((resamples, len(percents)))
    for resample in range(resamples):
        if stop():
            raise StoppedError
        drawn = rng.integers(n, size=n, dtype=np.int64)
        scores[resample] = _accuracy(cells.target[drawn], kept)
        scores[resample] -= _accuracy(cells.reference[drawn], kept)
    return scores


def streams(answers: Mapping[_Direction, Answers], *, seed: int) -> dict[_Direction, np.random.Generator]:
    """Return a generator for the images of each direction: it follows the answers, whatever the direction's name.

    Directions with equal answers get different ones: their images are resampled apart.
    """
    seen: Counter[str] = Counter()
    found = {}
    for direction, one in answers.items():
        name = _Cells.of(one).digest
        found[direction] = generator(seed, "bootstrap", name, seen[name])
        seen[name] += 1
    return found


def interval(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper ends (p,) of the 95% percentile interval of resampled `scores` (resamples, p)."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(scores, [tail, 1 - tail], axis=0)
    return low, high


@dataclass(frozen=True)
class _Cells:
    """The images (n,) of one direction without their names: for each encoder, 2 * block + whether it was right.

    Their order and `digest` say how many images there are of each pair of cells, and do not change if target and
    reference change places (but where that gives the same pairs again: there the score is 0).
    """

    target: NDArray[np.int32]
    reference: NDArray[np.int32]
    digest: str

    @classmethod
    def of(cls, answers: Answers) -> "_Cells":
        width = 2 * len(answers)
        target, reference = (
            2 * ranking(confidence).block + hit
            for confidence, hit in (
                (answers.target_confidence, answers.target_hit),
                (answers.reference_confidence, answers.reference_hit),
            )
        )
        forth, back = (
            np.sort(joint).astype("<i8") for joint in (target * width + reference, reference * width + target)
        )
        pairs = min(forth, back, key=bytes)
        first, second = (side.astype(np.int32) for side in np.divmod(pairs, width))
        digest = hashlib.sha256(pairs.tobytes()).hexdigest()
        return cls(first, second, digest) if pairs is forth else cls(second, first, digest)


def _accuracy(cells: NDArray[np.int32], kept: NDArray[np.int64]) -> NDArray[np.float64]:
    table = np.bincount(cells, minlength=(int(cells.max()) | 1) + 1).reshape(-1, 2)  # (blocks, miss and hit)
    return at_cut(table.sum(axis=1), table[:, 1], kept)[0]
