"""Approximate neighbours from a stored hnswlib index of X, with distances of the one definition."""

from pathlib import Path

import hnswlib
import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import MeasurementError, StoppedError
from dejavu_tui.neighbours.base import Neighbours, check_k, nearest
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.neighbours.recall import recall
from dejavu_tui.neighbours.sidecar import INDEX_FILE, Sidecar, check_index, write_sidecar
from dejavu_tui.records import Progress, Step, Stop, never, silent

M = 16
EF_CONSTRUCTION = 200
START_EF = 64
SAMPLE = 200
_CHUNK = 1000


class HnswSearch:
    """Search in the index in `folder`, made from just `vectors` float32 (N, d) and `ids` int64 (N,)."""

    def __init__(self, folder: Path, *, vectors: NDArray[np.float32], ids: NDArray[np.int64]) -> None:
        """Load the index. Raises ArtefactError: damaged, unsafe, or of other vectors."""
        check_index(folder, vectors=vectors)
        self.vectors, self.ids = np.asarray(vectors), ids
        self.ef = START_EF
        """Images that a search keeps in view; more find more."""
        self._index = hnswlib.Index(space="l2", dim=vectors.shape[1])
        self._index.load_index(str(folder / INDEX_FILE), max_elements=len(ids))

    def search(self, queries: NDArray[np.float32], *, k: int) -> Neighbours:
        """Return `k` near images to each of `queries` (n, d), with the `ef` that is set.

        Raises RequestError: k > |X|; MeasurementError: the index cannot reach k images.
        """
        check_k(k, size=len(self.ids))
        self._index.set_ef(max(self.ef, k))
        try:
            places, _ = self._index.knn_query(queries, k=k)
        except RuntimeError:
            raise MeasurementError(f"the index of X cannot reach {k} images", fix="use --search exact") from None
        near = places.astype(np.int64)
        return nearest(queries, candidates=near, ids=self.ids, vectors=self.vectors, k=k)

    def raise_ef(self, sample: NDArray[np.float32], *, k: int, wanted: float, stop: Stop = never) -> float:
        """Double `ef` until the recall of `sample` (m, d), m >= 1, against exact search reaches `wanted`.

        Returns the recall reached; below `wanted` only if ef is |X| and still does not suffice.
        """
        exact = ExactSearch(self.vectors, self.ids, stop=stop).search(sample, k=k)
        self.ef = max(START_EF, k)
        while True:
            if stop():
                raise StoppedError
            reached = recall(self.search(sample, k=k).ids, exact.ids)
            if reached >= wanted or self.ef >= len(self.ids):
                return reached
            self.ef = min(2 * self.ef, len(self.ids))


def build(
    folder: Path,
    *,
    vectors: NDArray[np.float32],
    seed: int,
    progress: Progress = silent,
    stop: Stop = never,
) -> None:
    """Build the index of `vectors` (N, d) in `folder`: on one thread in row order, so always the same bytes."""
    count, dim = vectors.shape
    index = hnswlib.Index(space="l2", dim=dim)
    random_seed = seed % 2**31
    index.init_index(max_elements=count, ef_construction=EF_CONSTRUCTION, M=M, random_seed=random_seed)
    for start in range(0, count, _CHUNK):
        progress(Step("index", start, count))
        if stop():
            raise StoppedError
        block = vectors[start : start + _CHUNK]
        index.add_items(block, np.arange(start, start + len(block)), num_threads=1)
    progress(Step("index", count, count))
    index.save_index(str(folder / INDEX_FILE))
    write_sidecar(
        folder, Sidecar(count=count, dim=dim, m=M, ef_construction=EF_CONSTRUCTION, seed=random_seed, sha256="")
    )


def sample_rows(n: int, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return 200 (at most `n`) of n rows, rising: the queries on which recall is measured."""
    return np.sort(rng.permutation(n)[:SAMPLE])
