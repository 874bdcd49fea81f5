"""Neighbours, and what every search of them offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError


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


def distances_to(query: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Euclidean distances (m,) of `query` (d,) to `vectors` (m, d): the one definition of a distance.

    float64 throughout. Each depends on its two vectors only: no product of matrices, no block or thread count.
    """
    difference = np.subtract(vectors, query, dtype=np.float64)  # (m, d)
    np.square(difference, out=difference)
    distances: NDArray[np.float64] = np.sqrt(difference.sum(axis=1))
    return distances


def nearest(
    query: NDArray[np.float32],
    *,
    candidates: NDArray[np.int64],
    ids: NDArray[np.int64],
    vectors: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return ids and distances (k,) of the nearest of `candidates`, places in `ids` and `vectors`."""
    distances = distances_to(query, vectors[candidates])
    found = ids[candidates]
    order = np.lexsort((found, distances))[:k]
    return found[order], distances[order]
