from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError, StoppedError
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.neighbours.hnsw import HnswSearch, build, sample_rows

IDS = np.arange(800) * 3


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((800, 16)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, vectors: NDArray[np.float32]) -> Path:
    path = tmp_path_factory.mktemp("index")
    build(path, vectors=vectors, seed=5)
    return path


def test_same_vectors_same_bytes(tmp_path: Path, folder: Path, vectors: NDArray[np.float32]) -> None:
    build(tmp_path, vectors=vectors, seed=5)
    for name in ("index.bin", "index.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_distances_and_their_order_are_those_of_exact_search(folder: Path, vectors: NDArray[np.float32]) -> None:
    queries = np.random.default_rng(1).standard_normal((40, 16)).astype(np.float32)
    search = HnswSearch(folder, vectors=vectors, ids=IDS)
    search.ef = 800
    exact = ExactSearch(vectors, IDS).search(queries, k=10)
    found = search.search(queries, k=10)
    assert np.array_equal(found.ids, exact.ids)
    assert np.array_equal(found.distances, exact.distances)


def test_ef_rises_until_the_recall_is_reached(folder: Path, vectors: NDArray[np.float32]) -> None:
    queries = np.random.default_rng(2).standard_normal((100, 16)).astype(np.float32)
    search = HnswSearch(folder, vectors=vectors, ids=IDS)
    reached = search.raise_ef(queries, k=60, wanted=0.999)
    assert reached >= 0.999
    assert search.ef >= 60


def test_k_beyond_x_is_refused(folder: Path, vectors: NDArray[np.float32]) -> None:
    search = HnswSearch(folder, vectors=vectors, ids=IDS)
    with pytest.raises(RequestError):
        search.search(vectors[:1], k=801)


def test_an_index_that_cannot_reach_k_images_says_so(tmp_path: Path) -> None:
    vectors = np.zeros((2000, 2), np.float32)  # all equal: the graph falls apart
    build(tmp_path, vectors=vectors, seed=0)
    search = HnswSearch(tmp_path, vectors=vectors, ids=np.arange(2000))
    try:
        found = search.search(vectors[:1], k=1999)
    except MeasurementError as error:
        assert "exact" in str(error)  # noqa: PT017  either outcome is right, silence about missing images is not
    else:
        assert len(set(found.ids[0].tolist())) == 1999


def test_building_stops_when_asked(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    with pytest.raises(StoppedError):
        build(tmp_path, vectors=vectors, seed=0, stop=lambda: True)


def test_sample_is_rising_and_never_more_than_there_is() -> None:
    assert sample_rows(5, rng=np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]
    rows = sample_rows(5000, rng=np.random.default_rng(0))
    assert len(set(rows.tolist())) == 200
    assert (np.diff(rows) > 0).all()


def test_a_query_alone_and_among_many_gets_the_same(folder: Path, vectors: NDArray[np.float32]) -> None:
    queries = np.random.default_rng(3).standard_normal((60, 16)).astype(np.float32)
    search = HnswSearch(folder, vectors=vectors, ids=IDS)
    whole = search.search(queries, k=20)
    for row in (0, 7, 59):
        alone = search.search(queries[row : row + 1], k=20)
        assert np.array_equal(alone.ids[0], whole.ids[row])
        assert np.array_equal(alone.distances[0], whole.distances[row])


def test_a_recall_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    vectors = np.repeat(np.random.default_rng(4).standard_normal((4, 3)).astype(np.float32), 50, axis=0)
    build(tmp_path, vectors=vectors, seed=0)
    search = HnswSearch(tmp_path, vectors=vectors, ids=np.arange(200))
    reached = search.raise_ef(vectors[::50], k=5, wanted=1.0)  # 50 equally near: an index picks any 5 of them
    assert reached < 1
    assert search.ef == 200


def test_the_index_of_other_vectors_is_refused(folder: Path, vectors: NDArray[np.float32]) -> None:
    with pytest.raises(ArtefactError, match="other vectors than X"):
        HnswSearch(folder, vectors=vectors[::-1], ids=IDS)
