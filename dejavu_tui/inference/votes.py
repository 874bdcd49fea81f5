"""Neighbours vote with their labels: guesses in the order of METHOD section 3, and the sorted counts."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError

GUESSES = 5
"""Guesses kept for each image: the label ranks that can be scored are 1 to this."""
MAX_K = 50_000
"""More voters would overflow the 64-bit key that orders the labels."""
THREADS = os.cpu_count() or 1
"""Threads that count votes; no result depends on their number."""
_VOTERS = 1 << 17
"""Voters of one block, so that what is worked out of them stays in a core's cache."""


@dataclass(frozen=True)
class Votes:
    """The outcome of `n` votes.

    `guesses` int64 (n, 5): labels, the first guess first, -1 where fewer labels got a vote.
    `counts` int32 (n, c): votes of each label, most first, 0 where fewer labels got a vote.
    """

    guesses: NDArray[np.int64]
    counts: NDArray[np.int32]

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
        return Votes(np.empty((0, GUESSES), np.int64), np.empty((0, 1), np.int32))
    rows = max(1, _VOTERS // k)
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(_tally, (labels[start : start + rows] for start in range(0, n, rows))))
    counts = np.zeros((n, max(part.counts.shape[1] for part in parts)), np.int32)
    for start, part in zip(range(0, n, rows), parts, strict=True):
        counts[start : start + rows, : part.counts.shape[1]] = part.counts
    return Votes(np.concatenate([part.guesses for part in parts]), counts)


def _tally(labels: NDArray[np.integer]) -> Votes:
    n, k = labels.shape
    ranks = (k - 1).bit_length()  # bits of a rank, and of k - count
    sums = (k * (k - 1) // 2).bit_length()  # bits of a summed rank
    # (n, k) sorted by (label, rank): each label's votes stand together, its nearest neighbour first
    ordered = labels.astype(_holding(int(labels.max()).bit_length() + ranks)) << ranks
    ordered |= np.arange(k, dtype=ordered.dtype)
    ordered.sort(axis=1)
    label, rank = ordered >> ranks, (ordered & ((1 << ranks) - 1)).ravel()
    last_of_label = np.ones((n, k), bool)
    np.not_equal(label[:, 1:], label[:, :-1], out=last_of_label[:, :-1])
    ends = np.flatnonzero(last_of_label)
    starts = np.concatenate([[0], ends[:-1] + 1])
    count = ends - starts + 1
    rank_sum = np.diff(np.cumsum(rank, dtype=np.int64)[ends], prepend=0)
    fitting = _holding(2 * ranks + sums)
    none = np.iinfo(fitting).max
    keys = np.full((n, k), none, fitting)
    keys.reshape(-1)[ends] = (k - count << ranks + sums) | (rank_sum << ranks) | rank[starts]  # smaller is better
    keys.sort(axis=1)
    keys = keys[:, : int(last_of_label.sum(axis=1).max())]  # (n, c)
    voted = keys != none
    nearest = np.where(voted, keys & ((1 << ranks) - 1), 0)[:, :GUESSES]
    winners = np.take_along_axis(labels, nearest, axis=1)  # the label's nearest voter names the guess
    guesses = np.full((n, GUESSES), -1, np.int64)
    guesses[:, : winners.shape[1]] = np.where(voted[:, :GUESSES], winners, -1)
    return Votes(guesses, np.where(voted, k - (keys >> ranks + sums), 0).astype(np.int32))


def _holding(bits: int) -> type[np.signedinteger[Any]]:
    """Return a type for values of `bits` bits, with one to spare: int32 where it can be, it sorts twice as fast."""
    return np.int32 if bits < 31 else np.int64
