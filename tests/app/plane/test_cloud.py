"""Clouds against counting one image after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.plane.cloud import NOTHING, cloud, thinned
from dejavu_tui.app.plane.plane import Area, Plane
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.plots.canvas import ACROSS, DOWN
from dejavu_tui.records import KINDS

PLANE = Plane(Area(-2, 0, -2, 0), 6, 3)


def dots(text: str) -> int:
    return (ord(text) - 0x2800).bit_count()


@given(n=st.integers(0, 80), seed=st.integers(0, 999))
def test_every_image_is_seen_in_its_cell(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target, reference = -2 * rng.random((2, n)) ** 3
    kind = rng.integers(0, len(KINDS), n)
    across, down = PLANE.dots(target, reference)
    found = cloud(PLANE, across, down, kind)
    for row in range(PLANE.rows):
        for column in range(PLANE.columns):
            here = kind[(across // ACROSS == column) & (down // DOWN == row)].tolist()
            assert found.number[row, column] == len(here)
            if here:
                assert found.kind[row, column] == min(here, key=lambda one: (-here.count(one), one))
                assert found.text[row, column] != " "
            else:
                assert found.kind[row, column] == NOTHING
                assert found.text[row, column] == " "


@given(n=st.integers(1, 50), seed=st.integers(0, 999), x=st.integers(0, 11), y=st.integers(0, 11))
def test_the_nearest_is_the_nearest_and_of_several_on_a_dot_the_first(n: int, seed: int, x: int, y: int) -> None:
    rng = np.random.default_rng(seed)
    across, down = rng.integers(0, 12, (2, n))
    place = cloud(PLANE, across, down, np.zeros(n, np.int64)).nearest((x, y))
    distances = (across - x) ** 2 + (down - y) ** 2
    assert place is not None
    assert distances[place] == distances.min()
    assert not ((across == across[place]) & (down == down[place]))[:place].any()


def test_nothing_is_near_where_there_is_nothing() -> None:
    none = np.empty(0, np.int64)
    assert cloud(PLANE, none, none, none).nearest((0, 0)) is None


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_few_images_are_signs(kind: int) -> None:
    found = cloud(PLANE, np.array([3]), np.array([5]), np.array([kind]))
    assert "".join(found.text.ravel()).strip() == KIND_SIGNS[KINDS[kind]]
    assert found.text[5 // DOWN, 3 // ACROSS] == KIND_SIGNS[KINDS[kind]]


@given(seed=st.integers(0, 999))
def test_where_nothing_overlaps_each_image_is_a_dot(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 2, (PLANE.height, PLANE.width))
    np.testing.assert_array_equal(thinned(counts), counts > 0)


@given(seed=st.integers(0, 999))
def test_a_thicker_part_has_more_dots_and_a_thin_one_has_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    per_cell = np.sort(rng.choice(10_000, PLANE.columns, replace=False)) + 2
    counts = np.tile(per_cell.repeat(ACROSS), (PLANE.height, 1))
    found = thinned(counts).reshape(PLANE.rows, DOWN, PLANE.columns, ACROSS).sum(axis=(0, 1, 3)).tolist()
    assert found == sorted(found)
    assert found[0] >= PLANE.rows
    assert found[-1] > found[0]
