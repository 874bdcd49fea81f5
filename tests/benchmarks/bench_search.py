"""Exact search against raw faiss, numpy and the matrix product alone; run with `make bench`."""

import time
from collections.abc import Callable

import faiss
import numpy as np
import pytest

from dejavu_tui.neighbours.exact import ExactSearch

PUBLIC, QUERIES, DIM, K = 50_000, 2_000, 512, 100


def seconds(work: Callable[[], object], *, times: int = 3) -> float:
    """Return the least CPU time of all threads that some runs of `work` took: other processes matter little."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


@pytest.mark.bench
def test_exact_search_runs_near_the_rate_of_the_matrix_product() -> None:
    rng = np.random.default_rng(0)
    public = rng.standard_normal((PUBLIC, DIM), dtype=np.float32)
    queries = rng.standard_normal((QUERIES, DIM), dtype=np.float32)
    search = ExactSearch(public, np.arange(PUBLIC))
    raw = faiss.IndexFlatL2(DIM)
    raw.add(public)

    def by_numpy() -> None:
        squares = np.square(public).sum(axis=1) - 2 * (queries @ public.T)
        np.argpartition(squares, K, axis=1)

    product = seconds(lambda: queries @ public.T)
    figures = {
        "matrix product": product,
        "exact": seconds(lambda: search.search(queries, k=K)),
        "faiss": seconds(lambda: raw.search(queries, K)),
        "numpy": seconds(by_numpy, times=1),
    }
    print(f"\n{QUERIES} queries x {PUBLIC} images x {DIM} dims, k = {K}, {search.undecided} left to float64")
    for name, taken in figures.items():
        print(f"{name:>16}  {taken:7.3f} s of CPU  {product / taken:5.2f} of the matrix product's rate")
    assert figures["exact"] < figures["numpy"]
