"""Exact neighbours: candidates at the speed of a float32 matrix product, each answer proven or computed anew.

faiss computes |q|^2 + |x|^2 - 2 q.x in float32, whose rounding can hide true neighbours when vectors are close
to each other and far from 0. So vectors are centred on X's mean, more candidates than k are taken, distances are
recomputed in float64, and a query's answer stands only if the error bound excludes every image that was no
candidate. Otherwise that query is searched in float64.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.neighbours.base import THREADS, Neighbours, check_k, nearest
from dejavu_tui.neighbours.candidates import Candidates
from dejavu_tui.neighbours.centred import CentredVectors, norms
from dejavu_tui.neighbours.rounding import Precision, error_bound
from dejavu_tui.records import Progress, Step, Stop, never, silent

BLOCK_BYTES = 256 << 20
"""Memory for one centred block of X, and for the queries of one pass over X with their candidates. A search takes
at most four times as much beside X (which may be memory-mapped), the queries and the answer."""
_MARGIN = 32
_QUERIES_AT_A_TIME = 1024
"""Queries of one thread and one product: enough for its full rate, few enough to show progress."""


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
        self.vectors, self.ids = np.asarray(vectors), ids
        self.undecided = 0
        """Queries of the last search that float32 could not decide and float64 did."""
        self._progress, self._stop, self._block_bytes = progress, stop, block_bytes
        self._centred = CentredVectors(self.vectors, block_bytes=block_bytes)

    def search(self, queries: NDArray[np.float32], *, k: int) -> Neighbours:
        """Return the `k` nearest images to each of `queries` (n, d). Raises RequestError: k > |X|; StoppedError."""
        check_k(k, size=len(self.ids))
        n = len(queries)
        found = Neighbours(np.empty((n, k), np.int64), np.empty((n, k)))
        self.undecided = 0
        self._progress(Step("search", 0, n))
        step = max(1, self._block_bytes // (4 * self.vectors.shape[1] + 12 * self._width(k)))
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                for start in range(0, n, step):
                    rows = slice(start, start + step)
                    part = np.ascontiguousarray(queries[rows])
                    self._search(part, Neighbours(found.ids[rows], found.distances[rows]), pool, before=start, n=n)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return found

    def _search(
        self, queries: NDArray[np.float32], found: Neighbours, pool: ThreadPoolExecutor, *, before: int, n: int
    ) -> None:
        """Fill `found` for `queries` in one pass over X; `before` of n queries are done."""
        count, k = found.ids.shape
        jobs = _even_slices(count)
        candidates = Candidates(self._centred.centred(queries, np.float32), width=self._width(k))
        for pairs in self._extend(candidates, jobs, pool):
            self._progress(Step("search", before + pairs // len(self.ids), n))

        def decide(rows: slice) -> NDArray[np.int64]:
            return self._by_float32(queries, candidates, rows, found)

        undecided = np.concatenate(list(pool.map(decide, jobs)))
        self.undecided += len(undecided)
        self._by_float64(queries, undecided, found, pool)

    def _extend(self, candidates: Candidates, jobs: list[slice], pool: ThreadPoolExecutor) -> Iterator[int]:
        """Show all of X to `candidates`; yield after each job the pairs of query and image that are done."""
        for start, block in self._centred.blocks(np.float32):

            def extend(rows: slice, start: int = start, block: NDArray[np.float32] = block) -> int:
                candidates.extend(rows, block, start=start)
                return start * len(candidates.queries) + len(block) * int(rows.stop)

            for pairs in pool.map(extend, jobs):
                self._check_stop()
                yield pairs

    def _by_float32(
        self, queries: NDArray[np.float32], candidates: Candidates, rows: slice, found: Neighbours
    ) -> NDArray[np.int64]:
        """Fill `found` in `rows` where the candidates are proven to hold the k nearest; return the other rows."""
        k = found.ids.shape[1]
        places, squares = candidates.ordered(rows)
        bound = self._bound(candidates.queries[rows], np.float32)
        # k images lie within squares[k-1] + bound; whoever is no candidate lies beyond squares[-1] - bound
        reach = squares[:, k - 1] + 2 * bound
        proven = (places >= 0).all(axis=1) & np.isfinite(reach)
        if places.shape[1] < len(self.ids):
            proven &= squares[:, -1] > reach
        sure = np.flatnonzero(proven)
        within = (squares[sure] <= reach[sure, None]).sum(axis=1)  # (m,), of at least k candidates
        self._fill(found, rows.start + sure, queries, places[sure, : within.max(initial=k)])
        undecided: NDArray[np.int64] = rows.start + np.flatnonzero(~proven)
        return undecided

    def _by_float64(
        self, queries: NDArray[np.float32], rows: NDArray[np.int64], found: Neighbours, pool: ThreadPoolExecutor
    ) -> None:
        """Fill `found` in `rows` by distances in float64 to all of X."""
        k = found.ids.shape[1]
        step = max(1, self._block_bytes // (8 * len(self.ids)))
        room = np.empty((min(step, len(rows)), len(self.ids)))
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            centred = self._centred.centred(queries[some], np.float64)
            squares = room[: len(some)]
            for start, block in self._centred.blocks(np.float64):
                self._check_stop()
                columns = squares[:, start : start + len(block)]
                columns[:] = centred @ block.T
                columns *= -2
                columns += np.square(norms(centred))[:, None]
                columns += np.square(norms(block))
            bound = self._bound(centred, np.float64)

            def decide(
                at: int,
                some: NDArray[np.int64] = some,
                squares: NDArray[np.float64] = squares,
                bound: NDArray[np.float64] = bound,
            ) -> None:
                reach = np.partition(squares[at], k - 1)[k - 1] + 2 * bound[at]
                self._fill(found, some[at : at + 1], queries, np.flatnonzero(squares[at] <= reach)[None])

            list(pool.map(decide, range(len(some))))

    def _fill(
        self,
        found: Neighbours,
        rows: NDArray[np.int64],
        queries: NDArray[np.float32],
        candidates: NDArray[np.int64],
    ) -> None:
        k = found.ids.shape[1]
        near = nearest(queries[rows], candidates=candidates, ids=self.ids, vectors=self.vectors, k=k)
        found.ids[rows], found.distances[rows] = near.ids, near.distances

    def _bound(
        self, centred: NDArray[np.float32] | NDArray[np.float64], precision: Precision
    ) -> NDArray[np.float64]:
        return error_bound(norms(centred), radius=self._centred.radius, dim=centred.shape[1], precision=precision)

    def _width(self, k: int) -> int:
        return min(len(self.ids), k + max(_MARGIN, k // 4))

    def _check_stop(self) -> None:
        if self._stop():
            raise StoppedError


def _even_slices(count: int) -> list[slice]:
    """Return slices of `count` queries, as even as can be, none too long, as many for each thread."""
    pieces = THREADS * -(-count // (THREADS * _QUERIES_AT_A_TIME))
    edges = np.linspace(0, count, min(pieces, count) + 1).astype(int).tolist()
    return [slice(start, stop) for start, stop in pairwise(edges)]
