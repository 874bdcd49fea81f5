import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.neighbours import exact
from dejavu_tui.neighbours.base import Neighbours
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.records import Step

Vectors = NDArray[np.float32]


def oracle(vectors: Vectors, ids: NDArray[np.int64], queries: Vectors, k: int) -> list[list[int]]:
    """Squared distances summed without rounding error, in plain Python."""
    found = []
    for query in queries.tolist():
        ranked = [
            (math.fsum((a - b) ** 2 for a, b in zip(query, vector, strict=True)), image)
            for vector, image in zip(vectors.tolist(), ids.tolist(), strict=True)
        ]
        found.append([image for _, image in sorted(ranked)[:k]])
    return found


def reference(vectors: Vectors, ids: NDArray[np.int64], queries: Vectors, k: int) -> Neighbours:
    """Every distance in float64, one query after the other."""
    rows = []
    for query in queries:
        difference = vectors.astype(np.float64) - query
        distances = np.sqrt((difference * difference).sum(axis=1))
        order = np.lexsort((ids, distances))[:k]
        rows.append((ids[order], distances[order]))
    return Neighbours(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


def same(found: Neighbours, expected: Neighbours) -> bool:
    return np.array_equal(found.ids, expected.ids) and np.array_equal(found.distances, expected.distances)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_is_the_oracles_with_ties_everywhere(data: st.DataObject) -> None:
    count, dim, queries = data.draw(st.integers(1, 25)), data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    high = data.draw(st.integers(1, 4))  # whole numbers: distances are exact, and often equal
    vectors = rng.integers(0, high, (count, dim)).astype(np.float32)
    asked = rng.integers(0, high, (queries, dim)).astype(np.float32)
    ids = np.sort(rng.permutation(1000)[:count])
    k = data.draw(st.integers(1, count))
    assert ExactSearch(vectors, ids).search(asked, k=k).ids.tolist() == oracle(vectors, ids, asked, k)


@pytest.mark.parametrize("queries", [1, 19, 2000])
def test_a_collapsed_encoder_loses_no_neighbour(queries: int) -> None:
    rng = np.random.default_rng(queries)
    centre = 30 * rng.standard_normal(64)  # norm about 240
    vectors = (centre + 1e-3 * rng.standard_normal((1000, 64)) / 8).astype(np.float32)
    asked = (centre + 1e-3 * rng.standard_normal((queries, 64)) / 8).astype(np.float32)
    ids = np.arange(1000) * 2
    assert same(ExactSearch(vectors, ids).search(asked, k=100), reference(vectors, ids, asked, 100))


@pytest.mark.slow
def test_a_collapsed_encoder_loses_no_neighbour_in_40_trials() -> None:
    for trial in range(40):
        rng = np.random.default_rng(trial)
        centre = 30 * rng.standard_normal(256)  # norm about 480
        vectors = (centre + 1e-3 * rng.standard_normal((5000, 256)) / 16).astype(np.float32)
        asked = (centre + 1e-3 * rng.standard_normal((1000, 256)) / 16).astype(np.float32)
        found = ExactSearch(vectors, np.arange(5000)).search(asked, k=100)
        rows = rng.permutation(1000)[:50]
        expected = reference(vectors, np.arange(5000), asked[rows], 100)
        assert same(Neighbours(found.ids[rows], found.distances[rows]), expected)


def test_two_collapsed_clouds_are_decided_in_float64() -> None:
    rng = np.random.default_rng(3)
    clouds = np.array([[1000.0], [-1000.0]]) * np.ones((2, 32))  # the mean lies far from both
    vectors = (clouds[rng.integers(0, 2, 1500)] + 1e-2 * rng.standard_normal((1500, 32))).astype(np.float32)
    asked = (clouds[0] + 1e-2 * rng.standard_normal((40, 32))).astype(np.float32)
    search = ExactSearch(vectors, np.arange(1500))
    assert same(search.search(asked, k=20), reference(vectors, np.arange(1500), asked, 20))
    assert search.undecided == 40


def test_duplicates_beyond_the_margin_go_by_image_id() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 300, axis=0)[np.random.default_rng(0).permutation(900)]
    ids = np.arange(900) + 7
    asked = np.array([[1, 0, 0], [0.2, 0.9, 0]], np.float32)
    search = ExactSearch(vectors, ids)
    found = search.search(asked, k=10)
    assert same(found, reference(vectors, ids, asked, 10))
    assert search.undecided == 2


@pytest.mark.parametrize("queries", [3, 90])
def test_blocks_of_x_change_nothing(queries: int) -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((700, 16)).astype(np.float32)
    asked = rng.standard_normal((queries, 16)).astype(np.float32)
    whole = ExactSearch(vectors, np.arange(700)).search(asked, k=60)
    assert same(ExactSearch(vectors, np.arange(700), block_bytes=64 * 50).search(asked, k=60), whole)
    assert same(whole, reference(vectors, np.arange(700), asked, 60))


def test_a_smaller_k_is_the_beginning_of_a_larger() -> None:
    rng = np.random.default_rng(2)
    vectors, asked = (
        rng.standard_normal((500, 8)).astype(np.float32),
        rng.standard_normal((30, 8)).astype(np.float32),
    )
    search = ExactSearch(vectors, np.arange(500))
    more, fewer = search.search(asked, k=100), search.search(asked, k=20)
    assert same(Neighbours(more.ids[:, :20], more.distances[:, :20]), fewer)


def test_the_order_of_x_decides_nothing_but_exact_ties() -> None:
    rng = np.random.default_rng(4)
    vectors, asked = (
        rng.standard_normal((300, 8)).astype(np.float32),
        rng.standard_normal((20, 8)).astype(np.float32),
    )
    order = rng.permutation(300)
    here = ExactSearch(vectors, np.arange(300)).search(asked, k=15)
    there = ExactSearch(vectors[order], np.arange(300)).search(asked, k=15)
    assert np.array_equal(order[there.ids], here.ids)
    assert np.array_equal(there.distances, here.distances)


def test_numbers_too_large_for_float32_squares() -> None:
    rng = np.random.default_rng(5)
    vectors = (1e25 * rng.standard_normal((200, 4))).astype(np.float32)
    asked = (1e25 * rng.standard_normal((5, 4))).astype(np.float32)
    found = ExactSearch(vectors, np.arange(200)).search(asked, k=5)
    assert same(found, reference(vectors, np.arange(200), asked, 5))


def test_k_equal_to_x_and_above() -> None:
    vectors = np.arange(6, dtype=np.float32)[:, None]
    search = ExactSearch(vectors, np.arange(6))
    assert search.search(np.array([[2.6]], np.float32), k=6).ids.tolist() == [[3, 2, 4, 1, 5, 0]]
    with pytest.raises(RequestError):
        search.search(np.array([[2.6]], np.float32), k=7)


def test_stops_when_asked() -> None:
    vectors = np.eye(4, dtype=np.float32)
    with pytest.raises(StoppedError):
        ExactSearch(vectors, np.arange(4), stop=lambda: True).search(vectors, k=1)


def test_a_query_alone_and_among_many_gets_the_same() -> None:
    rng = np.random.default_rng(6)
    vectors = rng.standard_normal((400, 24)).astype(np.float32)
    asked = rng.standard_normal((2000, 24)).astype(np.float32)
    search = ExactSearch(vectors, np.arange(400))
    whole = search.search(asked, k=30)
    for rows in ([0], [1999], [7, 3, 1200], list(range(500, 525))):
        some = search.search(asked[rows], k=30)
        assert same(some, Neighbours(whole.ids[rows], whole.distances[rows]))


def test_memory_mapped_vectors_change_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    vectors = rng.standard_normal((900, 20)).astype(np.float32)
    asked = rng.standard_normal((50, 20)).astype(np.float32)
    for name, array in (("public.npy", vectors), ("crops.npy", asked)):
        np.save(tmp_path / name, array)
    mapped, crops = (np.load(tmp_path / name, mmap_mode="r") for name in ("public.npy", "crops.npy"))
    found = ExactSearch(mapped, np.arange(900), block_bytes=80 * 200).search(crops, k=12)
    assert same(found, ExactSearch(vectors, np.arange(900)).search(asked, k=12))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    vectors = rng.standard_normal((600, 16)).astype(np.float32)
    asked = rng.standard_normal((77, 16)).astype(np.float32)
    monkeypatch.setattr(exact, "THREADS", threads)
    found = ExactSearch(vectors, np.arange(600)).search(asked, k=20)
    assert same(found, reference(vectors, np.arange(600), asked, 20))


BYTES = """
import hashlib, numpy as np
from dejavu_tui.neighbours.exact import ExactSearch
rng = np.random.default_rng(0)
near = (480 + 1e-3 * rng.standard_normal((3000, 96))).astype(np.float32)
far = rng.standard_normal((3000, 96)).astype(np.float32)
clouds = far + 3000 * np.sign(far[:, :1])
for vectors in (near, far, clouds):
    search = ExactSearch(vectors, np.arange(3000))
    found = search.search(vectors[:400] * np.float32(1.001), k=50)
    print(hashlib.sha256(found.ids.tobytes() + found.distances.tobytes()).hexdigest(), search.undecided > 0)
"""


def test_threads_of_the_libraries_change_nothing() -> None:
    said = []
    for threads in ("1", "2"):
        count = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
        run = [sys.executable, "-c", BYTES]
        said.append(subprocess.run(run, env=os.environ | count, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]
    assert "True" in said[0]
    assert "False" in said[0]


def test_numbers_that_underflow_in_float32_squares() -> None:
    rng = np.random.default_rng(9)
    vectors = (1e-22 * rng.standard_normal((3000, 4))).astype(np.float32)
    asked = (1e-22 * rng.standard_normal((40, 4))).astype(np.float32)
    assert same(
        ExactSearch(vectors, np.arange(3000)).search(asked, k=20), reference(vectors, np.arange(3000), asked, 20)
    )


def test_the_nearest_is_found_though_its_sum_of_squares_overflows() -> None:
    largest = np.sqrt(np.finfo(np.float32).max)
    far = np.zeros((200, 2), np.float32)
    far[:, 0] = np.linspace(0.1, 0.45, 200) * largest
    vectors = np.concatenate([far, -far, [[0.75 * largest, 0], [-0.75 * largest, 0]]]).astype(np.float32)
    asked = np.array([[0.7 * largest, 0]] * 30, np.float32)
    found = ExactSearch(vectors, np.arange(402)).search(asked, k=1)
    assert found.ids[0, 0] == 400
    assert same(found, reference(vectors, np.arange(402), asked, 1))


def test_stopping_ends_a_search_that_has_begun() -> None:
    vectors = np.random.default_rng(10).standard_normal((500, 8)).astype(np.float32)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    with pytest.raises(StoppedError):
        ExactSearch(vectors, np.arange(500), stop=stop, block_bytes=32 * 50).search(vectors, k=3)
    assert asked == 3


def test_progress_rises_to_all_queries() -> None:
    steps: list[Step] = []
    vectors = np.random.default_rng(11).standard_normal((500, 8)).astype(np.float32)
    ExactSearch(vectors, np.arange(500), progress=steps.append, block_bytes=32 * 50).search(vectors[:130], k=3)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert (done[0], done[-1], steps[-1].total) == (0, 130, 130)
    assert len(set(done)) > 3
