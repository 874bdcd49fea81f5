import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.errors import RequestError
from dejavu_tui.neighbours.base import check_k, distances_to, nearest


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(1, 20))
def test_a_distance_depends_on_its_two_vectors_only(seed: int, dim: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    query = rng.standard_normal(dim).astype(np.float32)
    vectors = rng.standard_normal((count, dim)).astype(np.float32)
    alone = [distances_to(query, vectors[row : row + 1])[0] for row in range(count)]
    assert distances_to(query, vectors).tolist() == alone
    assert distances_to(query, vectors[::-1])[::-1].tolist() == alone
    assert alone == pytest.approx(np.sqrt(((vectors - query.astype(float)) ** 2).sum(axis=1)))


def test_equal_distances_go_by_image_id() -> None:
    vectors = np.zeros((4, 2), np.float32)
    found, distances = nearest(
        np.ones(2, np.float32), candidates=np.array([3, 1, 2]), ids=np.array([5, 7, 11, 13]), vectors=vectors, k=2
    )
    assert found.tolist() == [7, 11]
    assert distances.tolist() == [2**0.5] * 2


@pytest.mark.parametrize("k", [-1, 0, 11])
def test_k_outside_x_is_refused(k: int) -> None:
    with pytest.raises(RequestError, match="X holds 10 images"):
        check_k(k, size=10)
