"""Exact neighbours: candidates at the speed of a float32 matrix product, each answer proven or computed anew.

faiss computes |q|^2 + |x|^2 - 2 q.x in float32, whose rounding can hide true neighbours when vectors are close
to each other and far from 0. So vectors are centred on X's mean, more candidates than k are taken, distances are
recomputed in float64, and a query's answer stands only if the error bound excludes every image that was no
candidate. Otherwise that query is searched in float64.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.neighbours.base import Neighbours, check_k, nearest
from dejavu_tui.records import Progress, Step, Stop, never, silent

BLOCK_BYTES = 256 << 20
"""Memory for one centred block of X; X itself may be memory-mapped."""
THREADS = os.cpu_count() or 1
"""Threads that recompute distances; no result depends on their number."""
_MARGIN = 32
_QUERIES_IN_MEMORY = 4096
_QUERIES_PER_PASS = 65_536
"""Queries of one pass over X: few while X is held centred, many where each pass reads it again."""
_UNIT = {np.float32: 2.0**-24, np.float64: 2.0**-53}


class ExactSearch:
    """Exact search in X: `vectors` float32 (N, d), finite; `ids` int64 (N,), strictly rising."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        ids: NDArray[np.int64],
        *,
        progress: Progress = silent,
        stop: Stop = never,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self.vectors, self.ids = vectors, ids
        self.undecided = 0
        """Queries of the last search that float32 could not decide and float64 did."""
        self._progress, self._stop = progress, stop
        self._rows = max(1, block_bytes // (4 * vectors.shape[1]))
        self._centre = sum(block.sum(axis=0, dtype=np.float64) for _, block in self._raw()) / len(ids)
        self._kept = [(0, self._centred(vectors))] if len(ids) <= self._rows else None
        self._radius = max(float(_norms(block).max()) for _, block in self._blocks())

    def search(self, queries: NDArray[np.float32], *, k: int) -> Neighbours:
        """Return the `k` nearest images to each of `queries` (n, d). Raises RequestError: k > |X|; StoppedError."""
        check_k(k, size=len(self.ids))
        n = len(queries)
        found = Neighbours(np.empty((n, k), np.int64), np.empty((n, k)))
        self.undecided = 0
        step = _QUERIES_IN_MEMORY if self._kept else _QUERIES_PER_PASS
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, n, step):
                self._progress(Step("search", start, n))
                rows = slice(start, start + step)
                part = np.ascontiguousarray(queries[rows])
                into = Neighbours(found.ids[rows], found.distances[rows])

                def decide(
                    job: tuple[int, NDArray[np.int64]],
                    part: NDArray[np.float32] = part,
                    into: Neighbours = into,
                ) -> None:
                    row, candidates = job
                    into.ids[row], into.distances[row] = nearest(
                        part[row], candidates=candidates, ids=self.ids, vectors=self.vectors, k=k
                    )

                list(pool.map(decide, self._candidates(part, k), chunksize=64))
        self._progress(Step("search", n, n))
        return found

    def _candidates(self, queries: NDArray[np.float32], k: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield for each row of `queries` places in X that hold its k nearest for certain, and few others."""
        centred = self._centred(queries)  # (n, d)
        places, squares = self._float32(centred, min(len(self.ids), k + max(_MARGIN, k // 4)))
        bound = self._bound(centred, _UNIT[np.float32])
        # k images lie within squares[k-1] + bound; whoever is no candidate lies beyond squares[-1] - bound
        reach = squares[:, k - 1] + 2 * bound
        proven = (places >= 0).all(axis=1)
        if places.shape[1] < len(self.ids):
            proven &= squares[:, -1] > reach
        for row in np.flatnonzero(proven):
            yield int(row), places[row][squares[row] <= reach[row]]
        undecided = np.flatnonzero(~proven)
        self.undecided += len(undecided)
        step = max(1, BLOCK_BYTES // (16 * len(self.ids)))
        for start in range(0, len(undecided), step):
            rows = undecided[start : start + step]
            yield from zip(rows.tolist(), self._float64(queries[rows], k), strict=True)

    def _float32(self, centred: NDArray[np.float32], width: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return places and squared distances (n, width) of the nearest, by float32 arithmetic, nearest first."""
        places = np.empty((len(centred), 0), np.int64)
        squares = np.empty((len(centred), 0), np.float32)
        for start, block in self._blocks():
            self._check_stop()
            more_squares, more_places = faiss.knn(centred, block, min(width, len(block)))
            more_places[more_places >= 0] += start
            places = np.concatenate([places, more_places], axis=1)
            squares = np.concatenate([squares, more_squares], axis=1)
            if places.shape[1] > width:
                nearer = np.argpartition(squares, width - 1, axis=1)[:, :width]
                places = np.take_along_axis(places, nearer, axis=1)
                squares = np.take_along_axis(squares, nearer, axis=1)
        order = np.argsort(squares, axis=1)
        ordered = np.take_along_axis(squares, order, axis=1).astype(np.float64)
        return np.take_along_axis(places, order, axis=1), ordered

    def _float64(self, queries: NDArray[np.float32], k: int) -> Iterator[NDArray[np.int64]]:
        """Yield for each of `queries` the places of all images that may be among its k nearest, by float64."""
        centred = queries - self._centre
        squares = np.empty((len(queries), len(self.ids)))
        for start, block in self._raw():
            self._check_stop()
            other = block - self._centre
            product = np.square(centred).sum(axis=1)[:, None] + np.square(other).sum(axis=1)
            squares[:, start : start + len(block)] = product - 2 * (centred @ other.T)
        reach = np.partition(squares, k - 1, axis=1)[:, k - 1] + 2 * self._bound(centred, _UNIT[np.float64])
        for row, limit in zip(squares, reach, strict=True):
            yield np.flatnonzero(row <= limit)

    def _bound(self, centred: NDArray[np.float32] | NDArray[np.float64], unit: float) -> NDArray[np.float64]:
        """Return (n,) more than a squared distance computed with rounding `unit` can be off.

        A sum of d products errs in any order by at most gamma(d) = d u / (1 - d u) of the sum of their sizes
        (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1), here at most (|q| + |x|)^2. The
        norms' sum, centring, and the rounding of the distance itself add less than 16 u of it.
        """
        steps = (centred.shape[1] + 16) * unit
        gamma = steps / (1 - steps) if steps < 1 else np.inf
        bound: NDArray[np.float64] = gamma * np.square((_norms(centred) + self._radius) * (1 + 1e-6))
        return bound

    def _raw(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        for start in range(0, len(self.ids), self._rows):
            yield start, self.vectors[start : start + self._rows]

    def _blocks(self) -> Iterable[tuple[int, NDArray[np.float32]]]:
        """Return X centred, in blocks with the place of their first row."""
        return self._kept or ((start, self._centred(block)) for start, block in self._raw())

    def _centred(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        centred: NDArray[np.float32] = (vectors - self._centre).astype(np.float32)
        return centred

    def _check_stop(self) -> None:
        if self._stop():
            raise StoppedError


def _norms(vectors: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1))
    return norms
