import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.encoders.draws import order, uniforms

IDS = np.arange(500)


def test_draws_are_uniform_at_every_place() -> None:
    draws = uniforms(1, epoch=3, image_ids=np.arange(4000), views=2, count=10)
    assert draws.dtype == np.float32
    assert draws.min() >= 0
    assert draws.max() < 1
    for view in range(2):
        for place in range(10):
            counts, _ = np.histogram(draws[view, :, place], bins=20, range=(0, 1))
            assert ((counts - 200) ** 2 / 200).sum() < 55  # chi square with 19 degrees of freedom, p = 2e-5


def test_draws_at_different_places_are_independent() -> None:
    n = 20_000
    bound = 5.5 / n**0.5  # 5.5 standard deviations
    flat, later = (
        uniforms(1, epoch=epoch, image_ids=np.arange(n), views=2, count=10).transpose(0, 2, 1).reshape(20, -1)
        for epoch in (3, 4)
    )
    assert np.abs(np.corrcoef(flat) - np.eye(20)).max() < bound
    assert np.abs(np.corrcoef(flat[:, :-1], flat[:, 1:])[:20, 20:]).max() < bound  # neighbours in image_id
    assert np.abs(np.corrcoef(flat, later)[:20, 20:]).max() < bound


@given(st.permutations(range(12)), st.integers(1, 11))
def test_draws_belong_to_the_image_whatever_the_batch(places: list[int], cut: int) -> None:
    ids = np.asarray([7, 3, 900, 0, 12, 2**40, 5, 6, 8, 9, 10, 11])
    together = uniforms(5, epoch=1, image_ids=ids, views=2, count=4)
    chosen = np.asarray(places[:cut])
    assert np.array_equal(uniforms(5, epoch=1, image_ids=ids[chosen], views=2, count=4), together[:, chosen])


@pytest.mark.parametrize(("seed", "epoch"), [(0, 2), (1, 1)])
def test_another_seed_or_epoch_draws_anew(seed: int, epoch: int) -> None:
    first = uniforms(0, epoch=1, image_ids=IDS, views=2, count=4)
    other = uniforms(seed, epoch=epoch, image_ids=IDS, views=2, count=4)
    assert (first == other).mean() < 0.001
    assert (first[0] == first[1]).mean() < 0.001


def test_order_is_a_permutation_of_its_own_in_each_epoch() -> None:
    first, second = order(0, epoch=1, images=50), order(0, epoch=2, images=50)
    assert sorted(first) == sorted(second) == list(range(50))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, order(0, epoch=1, images=50))
