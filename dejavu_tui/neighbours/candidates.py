"""The nearest vectors so far, by float32 arithmetic, of many queries.

Each thread has queries of its own and lets faiss use one thread: threads that share every small matrix product
spend a third of their time waiting for each other.
"""

import numpy as np
from numpy.typing import NDArray


class Candidates:
    """The `width` nearest to each of `queries` float32 (n, d) of all vectors shown so far."""

    def __init__(self, queries: NDArray[np.float32], *, width: int) -> None:
        import faiss  # here, because it takes as long to load as all else that shows stored neighbours

        # By itself it searches for up to 249 queries of 512 dims without a matrix product, at a sixth of the rate.
        faiss.cvar.distance_compute_blas_threshold = 20
        self._faiss = faiss
        self.queries = queries
        self._places = np.full((len(queries), width), -1, np.int64)
        self._squares = np.full((len(queries), width), np.inf, np.float32)

    def extend(self, rows: slice, block: NDArray[np.float32], *, start: int) -> None:
        """Look for candidates of the queries in `rows` in `block` (m, d), whose first vector has place `start`.

        Safe to be called at the same time by threads with other rows.
        """
        self._faiss.omp_set_num_threads(1)  # of this thread
        width = self._places.shape[1]
        squares, places = self._faiss.knn(self.queries[rows], block, min(width, len(block)))
        places[places >= 0] += start
        squares = np.concatenate([self._squares[rows], squares], axis=1)
        places = np.concatenate([self._places[rows], places], axis=1)
        nearer = np.argpartition(squares, width - 1, axis=1)[:, :width]
        self._squares[rows] = np.take_along_axis(squares, nearer, axis=1)
        self._places[rows] = np.take_along_axis(places, nearer, axis=1)

    def ordered(self, rows: slice) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return places and squared distances (m, width) of the queries in `rows`, nearest first; -1: none."""
        order = np.argsort(self._squares[rows], axis=1)
        squares = np.take_along_axis(self._squares[rows], order, axis=1).astype(np.float64)
        return np.take_along_axis(self._places[rows], order, axis=1), squares
