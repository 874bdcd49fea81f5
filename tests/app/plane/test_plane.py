"""Places on the plane, and boxes as filters: what is drawn in a box is what the filter lists."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.plane.plane import Area, Plane, around, least_confidence
from dejavu_tui.inference.confidence import confidence
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing, places
from dejavu_tui.plots.canvas import ACROSS, DOWN
from dejavu_tui.workflows.browse import BrowseView

edges = st.tuples(st.floats(-7, -0.1), st.floats(0.1, 1)).map(lambda pair: (pair[0], pair[0] * (1 - pair[1])))
windows = st.tuples(edges, edges).map(lambda pair: Area(*pair[0], *pair[1]))
planes = st.builds(Plane, windows, st.integers(1, 200), st.integers(1, 60))
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))
GRAIN = 0.002


def within(window: Area, share: tuple[float, float]) -> tuple[float, float]:
    across, up = share
    return window.left + across * (window.right - window.left), window.low + up * (window.high - window.low)


@given(plane=planes, at=shares)
def test_the_middle_of_a_cell_lies_in_it(plane: Plane, at: tuple[float, float]) -> None:
    column, row = plane.cell(within(plane.window, at))
    assert 0 <= column < plane.columns
    assert 0 <= row < plane.rows
    assert plane.cell(plane.middle(column, row)) == (column, row)


def test_zero_nats_is_above_and_right() -> None:
    plane = Plane(Area(-2, 0, -2, 0), 10, 5)
    assert plane.cell((0.0, 0.0)) == (9, 0)
    assert plane.cell((-2.0, -2.0)) == (0, 4)
    assert plane.cell(plane.middle(99, -99)) == (9, 0), "beyond the edge is the edge"


@given(plane=planes, one=shares, other=shares, seed=st.integers(0, 99))
def test_a_box_holds_what_is_drawn_in_its_cells(
    plane: Plane, one: tuple[float, float], other: tuple[float, float], seed: int
) -> None:
    corners = [within(plane.window, share) for share in (one, other)]
    area = plane.area(*corners)
    (x0, x1), (y0, y1) = (sorted(pair) for pair in zip(*map(plane.cell, corners), strict=True))
    random = np.random.default_rng(seed).random((300, 2))
    target, reference = np.array([within(plane.window, (x, y)) for x, y in random]).T
    across, down = plane.dots(target, reference)
    column, row = across // ACROSS, down // DOWN
    drawn = (column >= x0) & (column <= x1) & (row >= y0) & (row <= y1)
    held = area.holds(target, reference)
    assert not (drawn & ~held).any()
    near = [np.minimum(abs(target - area.left), abs(target - area.right)) < GRAIN,
            np.minimum(abs(reference - area.low), abs(reference - area.high)) < GRAIN]  # fmt: skip
    assert (near[0] | near[1])[held & ~drawn].all(), "but for the thousandth that edges are rounded by"


@given(plane=planes, one=shares, other=shares)
def test_a_box_is_drawn_where_it_was_made(
    plane: Plane, one: tuple[float, float], other: tuple[float, float]
) -> None:
    corners = [within(plane.window, share) for share in (one, other)]
    (x0, y0), (x1, y1) = map(plane.cell, corners)
    window = plane.window
    dot = min((window.right - window.left) / plane.width, (window.high - window.low) / plane.height)
    if dot > 2 * GRAIN and window.right < -GRAIN and window.high < -GRAIN:
        assert plane.cells(plane.area(*corners)) == (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


@pytest.mark.parametrize(
    "typed",
    ["", "kind:memorized -class:Bag", "conf:-2.5..-0.5", "conf:-2.5.. rconf:..-1", "conf:-3..-2,-1..0 conf>-2.9"],
)
@given(one=shares, other=shares)
def test_the_filter_of_a_box_lists_what_the_box_holds(
    view: BrowseView, typed: str, one: tuple[float, float], other: tuple[float, float]
) -> None:
    plane = Plane(Area(-3, 0, -3, 0), 40, 12)
    area = plane.area(within(plane.window, one), within(plane.window, other))

    def listed(expression: str) -> pl.DataFrame:
        listing = Listing(parse(expression), sort="id", descending=False)
        return view.samples[places(view.samples, listing, names=view.label_names, tags={})]

    before = listed(typed)
    held = area.holds(before["target_confidence"].to_numpy(), before["reference_confidence"].to_numpy())
    if held.any():
        assert (
            listed(str(area.listed(parse(typed))))["image_id"].to_list()
            == before.filter(held)["image_id"].to_list()
        )


def test_a_box_replaces_the_box_before() -> None:
    first = Area(-2, -1, -3, -2).listed(parse("kind:memorized"))
    assert str(first) == "kind:memorized conf:-2..-1 rconf:-3..-2"
    assert str(Area(-1.5, 0, -2.5, 0).listed(first)) == "kind:memorized conf:-1.5..-1 rconf:-2.5..-2"


@given(k=st.integers(1, 60), classes=st.integers(2, 30))
def test_no_vote_is_less_confident_than_the_end_of_the_axes(k: int, classes: int) -> None:
    even = np.sort(np.bincount(np.arange(k) % classes, minlength=classes))[::-1]
    least = least_confidence(k, classes=classes, seen=np.empty(0))
    assert least < 0
    assert confidence(even[None])[0] >= least - 1e-9
    assert least_confidence(k, classes=classes, seen=np.array([-9.0, 0.0])) == -9


@given(seed=st.integers(0, 999), n=st.integers(1, 20), scale=st.sampled_from((0, 0.01, 1, 5)))
def test_a_window_around_images_shows_them_all(seed: int, n: int, scale: float) -> None:
    target, reference = -scale * np.random.default_rng(seed).random((2, n))
    window = around(target, reference)
    assert window.holds(target, reference).all()
    assert min(window.right - window.left, window.high - window.low) >= 0.1 - 1e-9
    assert max(window.right, window.high) <= 0
