import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.errors import RequestError
from dejavu_tui.neighbours.base import check_k, distances_to, nearest


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(1, 20))
def test_a_distance_depends_on_its_two_vectors_only(seed: int, dim: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    queries = rng.standard_normal((3, dim)).astype(np.float32)
    vectors = rng.standard_normal((3, count, dim)).astype(np.float32)
    alone = [
        [distances_to(queries[n : n + 1], vectors[n : n + 1, m : m + 1]).item() for m in range(count)]
        for n in range(3)
    ]
    assert distances_to(queries, vectors).tolist() == alone
    assert distances_to(queries, vectors[:, ::-1])[:, ::-1].tolist() == alone
    assert distances_to(queries, np.asfortranarray(vectors)).tolist() == alone
    assert np.array(alone) == pytest.approx(
        np.sqrt(((vectors - queries.astype(float)[:, None]) ** 2).sum(axis=2)), rel=1e-12
    )


def test_equal_distances_go_by_image_id() -> None:
    found = nearest(
        np.ones((2, 2), np.float32),
        candidates=np.array([[3, 1, 2], [0, 3, 1]]),
        ids=np.array([5, 7, 11, 13]),
        vectors=np.array([[9, 9], [0, 0], [0, 0], [0, 0]], np.float32),
        k=2,
    )
    assert found.ids.tolist() == [[7, 11], [7, 13]]
    assert found.distances.tolist() == [[2**0.5] * 2] * 2


@pytest.mark.parametrize(("count", "dim"), [(3000, 200), (40, 9000), (2, 300_000)])
def test_many_candidates_and_long_vectors_are_worked_off_in_parts(count: int, dim: int) -> None:
    rng = np.random.default_rng(count)
    vectors = rng.standard_normal((count, dim)).astype(np.float32)
    queries = rng.standard_normal((2, dim)).astype(np.float32)
    candidates = np.stack([rng.permutation(count), rng.permutation(count)])
    found = nearest(queries, candidates=candidates, ids=np.arange(count), vectors=vectors, k=2)
    expected = [np.sqrt(((vectors - query.astype(float)) ** 2).sum(axis=1)) for query in queries]
    assert found.ids.tolist() == [np.argsort(row)[:2].tolist() for row in expected]


@pytest.mark.parametrize("k", [-1, 0, 11])
def test_k_outside_x_is_refused(k: int) -> None:
    with pytest.raises(RequestError, match="X holds 10 images"):
        check_k(k, size=10)
