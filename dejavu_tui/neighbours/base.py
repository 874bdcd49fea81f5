"""Neighbours, and what every search of them offers."""

import os
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Threads of a search; no result depends on their number."""
_CHUNK = 1 << 18
"""Numbers of the vectors whose distances are computed at a time."""


@dataclass(frozen=True)
class Neighbours:
    """The k nearest images of X to each of n queries, ordered by (distance, image_id).

    `ids` int64 (n, k): image ids; `distances` float64 (n, k): Euclidean, not squared.
    """

    ids: NDArray[np.int64]
    distances: NDArray[np.float64]


class Search(Protocol):
    """A search in X."""

    def search(self, queries: NDArray[np.float32], *, k: int) -> Neighbours:
        """Return the `k` nearest images to each of `queries` (n, d). Raises RequestError: k > |X|."""
        ...


def check_k(k: int, *, size: int) -> None:
    """Raise RequestError unless 1 <= k <= `size`, the number of images in X."""
    if not 1 <= k <= size:
        raise RequestError(f"k = {k}, but X holds {size} images", fix=f"choose k between 1 and {size}")


def distances_to(queries: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Euclidean distances (n, m) of `queries` (n, d) to their `vectors` (n, m, d): the one definition.

    float64 throughout. Each depends on its two vectors only: no product of matrices, no block or thread count.
    """
    # (n, m, d); in another order in memory numpy would add the same numbers up in another one
    difference = vectors.astype(np.float64, order="C")
    difference -= queries[:, None]
    np.square(difference, out=difference)
    distances: NDArray[np.float64] = np.sqrt(difference.sum(axis=2))
    return distances


def nearest(
    queries: NDArray[np.float32],
    *,
    candidates: NDArray[np.int64],
    ids: NDArray[np.int64],
    vectors: NDArray[np.float32],
    k: int,
) -> Neighbours:
    """Return the `k` nearest to each of `queries` (n, d) among `candidates` (n, m), m >= k: places in `vectors`."""
    found = Neighbours(np.empty((len(queries), k), np.int64), np.empty((len(queries), k)))
    columns = max(1, _CHUNK // vectors.shape[1])
    step = max(1, columns // candidates.shape[1])
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        some = candidates[rows]  # (step, m)
        distances = np.empty(some.shape)
        for first in range(0, some.shape[1], columns):
            part = slice(first, first + columns)
            distances[:, part] = distances_to(queries[rows], vectors[some[:, part]])
        order = np.lexsort((ids[some], distances), axis=1)[:, :k]
        found.ids[rows] = np.take_along_axis(ids[some], order, axis=1)
        found.distances[rows] = np.take_along_axis(distances, order, axis=1)
    return found
