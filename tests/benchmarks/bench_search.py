"""Both searches beside faiss, usearch, numpy and torch; run with `make bench`, large sizes with `make bench-large`.

Times are seconds of CPU of all threads, the least of some rounds in which all take turns: other processes matter
little. The rate is that of the matrix product of queries and images alone, divided by the time. Every graph has
M 16 and ef 200 while it is built, and searches with the ef that ours needed for a recall of 0.99.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from usearch.index import Index

from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.neighbours.hnsw import EF_CONSTRUCTION, HnswSearch, M, build
from dejavu_tui.neighbours.recall import recall

Vectors: TypeAlias = NDArray[np.float32]
Find: TypeAlias = Callable[[], Any]
"""One search; returns ids (n, k), or None if it finds nothing."""
K = 100
LATENT = 32
ROWS = 50_000


@dataclass(frozen=True)
class Case:
    """`queries` x `public` vectors of `dim` numbers; `graphs`: also by HNSW, which takes long to build."""

    public: int
    queries: int
    dim: int
    graphs: bool
    rounds: int = 1

    def __str__(self) -> str:
        return f"{self.public}x{self.dim}"


SMALL = Case(50_000, 2_000, 512, graphs=True, rounds=2)
LARGE = [
    Case(20_000, 2_000, 8192, graphs=True),
    Case(200_000, 2_000, 512, graphs=True),
    Case(1_000_000, 2_000, 512, graphs=False),
    Case(150_000, 500, 8192, graphs=False),  # 4.9 GB, memory-mapped
    Case(400_000, 1_000, 8192, graphs=False),  # 13 GB, memory-mapped
]


@pytest.mark.bench
def test_exact_search_runs_near_the_rate_of_the_matrix_product(tmp_path: Path) -> None:
    taken = _compare(SMALL, tmp_path)
    assert taken["exact"] < taken["numpy"]
    assert taken["matrix product"] > 0.5 * taken["exact"]


@pytest.mark.bench
@pytest.mark.large
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_large_sizes(case: Case, tmp_path: Path) -> None:
    taken = _compare(case, tmp_path)
    assert taken["matrix product"] > 0.3 * taken["exact"]


def _compare(case: Case, folder: Path) -> dict[str, float]:
    """Print a table of all searches; return the time of each."""
    public, queries = _embeddings(case, folder)
    begin = time.process_time()
    exact = ExactSearch(public, np.arange(case.public))
    built = {"exact": time.process_time() - begin}
    searches: dict[str, Find] = {
        "matrix product": lambda: _product(queries, public),
        "exact": lambda: exact.search(queries, k=K).ids,
        "faiss flat": lambda: faiss.knn(queries, public, K)[1],
    }
    if case.public * case.queries <= 2e8:  # the whole product fits
        searches |= {"numpy": lambda: _numpy(queries, public), "torch": lambda: _torch(queries, public)}
    if case.graphs:
        searches |= _graphs(public, queries, folder, built)
    taken = dict.fromkeys(searches, np.inf)
    found: dict[str, Any] = {}
    for _ in range(case.rounds):
        for name, find in searches.items():
            begin = time.process_time()
            found[name] = find()
            taken[name] = min(taken[name], time.process_time() - begin)
    print(f"\n{case.queries:,} queries x {case.public:,} images x {case.dim} dims, k = {K}")
    print(f"{exact.undecided} left to float64")
    print("| search | build, s | search, s | rate | recall |\n|---|---:|---:|---:|---:|")
    for name, seconds in taken.items():
        hits = "" if found[name] is None else f"{recall(np.asarray(found[name], np.int64), found['exact']):.4f}"
        before = f"{built[name]:.1f}" if name in built else ""
        print(f"| {name} | {before} | {seconds:.2f} | {taken['matrix product'] / seconds:.2f} | {hits} |")
    return taken


def _embeddings(case: Case, folder: Path) -> tuple[Vectors, Vectors]:
    """Return public images and queries with the structure of embeddings: few latent dimensions, a little noise."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((LATENT, case.dim), dtype=np.float32) / np.float32(LATENT**0.5)

    def draw(count: int) -> Vectors:
        latent = rng.standard_normal((count, LATENT), dtype=np.float32)
        drawn: Vectors = np.maximum(latent @ mixing, 0)
        drawn += np.float32(0.1) * rng.standard_normal((count, case.dim), dtype=np.float32)
        return drawn

    queries = draw(case.queries)
    path = folder / "public.npy"
    public = np.lib.format.open_memmap(path, "w+", np.float32, (case.public, case.dim))
    for start in range(0, case.public, ROWS // 10):
        public[start : start + ROWS // 10] = draw(min(ROWS // 10, case.public - start))
    mapped: Vectors = np.load(path, mmap_mode="r") if public.nbytes > 4.5e9 else np.load(path)
    return mapped, queries


def _product(queries: Vectors, public: Vectors) -> None:
    for start in range(0, len(public), ROWS):
        queries @ public[start : start + ROWS].T


def _numpy(queries: Vectors, public: Vectors) -> NDArray[np.int64]:
    squares = np.square(public).sum(axis=1) - 2 * (queries @ public.T)
    return np.argpartition(squares, K, axis=1)[:, :K]


def _torch(queries: Vectors, public: Vectors) -> Any:
    q, x = torch.from_numpy(queries), torch.from_numpy(public)
    squares = x.square().sum(dim=1) - 2 * (q @ x.T)
    return squares.topk(K, largest=False).indices.numpy()


def _graphs(public: Vectors, queries: Vectors, folder: Path, built: dict[str, float]) -> dict[str, Find]:
    """Build the graphs; note in `built` how long each took."""
    begin = time.process_time()
    build(folder, vectors=public, seed=0)
    built["hnsw"] = time.process_time() - begin
    ours = HnswSearch(folder, vectors=public, ids=np.arange(len(public)))
    ours.raise_ef(queries[:200], k=K, wanted=0.99)
    begin = time.process_time()
    graph = faiss.IndexHNSWFlat(public.shape[1], M)
    graph.hnsw.efConstruction = EF_CONSTRUCTION
    graph.add(public)
    graph.hnsw.efSearch = ours.ef
    built["faiss HNSW"] = time.process_time() - begin
    begin = time.process_time()
    other = Index(
        ndim=public.shape[1], metric="l2sq", dtype="f32",
        connectivity=M, expansion_add=EF_CONSTRUCTION, expansion_search=ours.ef,
    )  # fmt: skip
    other.add(np.arange(len(public)), public)
    built["usearch"] = time.process_time() - begin
    print(f"\ngraphs are built; ef {ours.ef}")
    return {
        "hnsw": lambda: ours.search(queries, k=K).ids,
        "faiss HNSW": lambda: graph.search(queries, K)[1],
        "usearch": lambda: other.search(queries, K).keys,
    }
