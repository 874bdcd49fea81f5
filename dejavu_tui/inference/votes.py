"""Neighbours vote with their labels: guesses in the order of METHOD section 3, and the sorted counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError

GUESSES = 5
"""Guesses kept for each image: the label ranks that can be scored are 1 to this."""
MAX_K = 50_000
"""More voters would overflow the 64-bit key that orders the labels."""
_ROWS = 8192


@dataclass(frozen=True)
class Votes:
    """The outcome of `n` votes.

    `guesses` int64 (n, 5): labels, the first guess first, -1 where fewer labels got a vote.
    `counts` int64 (n, c): votes of each label, most first, 0 where fewer labels got a vote.
    """

    guesses: NDArray[np.int64]
    counts: NDArray[np.int64]

    def hits(self, labels: NDArray[np.int64], *, rank: int) -> NDArray[np.bool_]:
        """Tell for each image whether its true label (n,) is among its first `rank` guesses."""
        hit: NDArray[np.bool_] = (self.guesses[:, :rank] == labels[:, None]).any(axis=1)
        return hit


def tally(labels: NDArray[np.integer]) -> Votes:
    """Count the votes of neighbours whose labels (n, k, all >= 0) stand nearest first.

    Labels are ordered by (more votes, smaller summed rank, nearer first neighbour), so that no two share a rank
    and neither names nor numbers of classes decide (METHOD section 3).

    Raises RequestError: k is 0 or above 50,000.
    """
    n, k = labels.shape
    if not 1 <= k <= MAX_K:
        raise RequestError(f"k = {k} neighbours cannot vote", fix=f"choose k between 1 and {MAX_K}")
    if n == 0:
        return Votes(np.empty((0, GUESSES), np.int64), np.empty((0, 1), np.int64))
    parts = [_tally(labels[start : start + _ROWS].astype(np.int64)) for start in range(0, n, _ROWS)]
    width = max(part.counts.shape[1] for part in parts)
    counts = np.zeros((n, width), np.int64)
    for start, part in zip(range(0, n, _ROWS), parts, strict=True):
        counts[start : start + _ROWS, : part.counts.shape[1]] = part.counts
    return Votes(np.concatenate([part.guesses for part in parts]), counts)


def _tally(labels: NDArray[np.int64]) -> Votes:
    n, k = labels.shape
    # (n, k) sorted by (label, rank): each label's votes stand together, its nearest neighbour first
    ordered = np.sort(labels * k + np.arange(k), axis=1)
    label, rank = np.divmod(ordered, k)
    first_of_label = np.ones((n, k), bool)
    first_of_label[:, 1:] = label[:, 1:] != label[:, :-1]
    starts = np.flatnonzero(first_of_label)
    count = np.diff(starts, append=n * k)
    rank_sum = np.add.reduceat(rank.ravel(), starts)
    nearest = rank.ravel()[starts]
    sums = k * k // 2 + 1  # above any summed rank
    key = ((k - count) * sums + rank_sum) * k + nearest  # smaller is the better label
    row = starts // k
    place = np.arange(len(row)) - np.searchsorted(row, row)  # of each label within its row
    width = int(place.max()) + 1
    keys = np.full((n, width), np.iinfo(np.int64).max)
    keys[row, place] = key
    keys.sort(axis=1)
    voted = keys != np.iinfo(np.int64).max
    counts = np.where(voted, k - keys // (sums * k), 0)
    top = min(width, GUESSES)
    guesses = np.full((n, GUESSES), -1, np.int64)
    winners = np.take_along_axis(labels, keys[:, :top] % k, axis=1)  # the nearest voter's label names the guess
    guesses[:, :top] = np.where(voted[:, :top], winners, -1)
    return Votes(guesses, counts)
