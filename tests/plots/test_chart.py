from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.plots.chart import Axis, Chart, Point, Tick, bands, stretches


def test_places_on_a_linear_and_a_log_axis() -> None:
    assert Axis("", -1, 3, ()).place(0) == 0.25
    log = Axis("", 1, 100, (), "log")
    assert [log.place(value) for value in (1, 10, 100)] == pytest.approx([0, 0.5, 1])
    assert log.beside(10, 0.5) == pytest.approx(100)
    assert Axis("", 0, 10, ()).beside(2, 0.1) == 3


@given(
    st.lists(st.floats(0.5, 1000), min_size=1, max_size=40, unique=True),
    st.floats(2, 100),
    st.integers(1, 9),
    st.sampled_from(["linear", "log"]),
)
def test_labels_that_are_kept_never_touch(places: list[float], room: float, size: int, scale: str) -> None:
    ticks = tuple(Tick(at, "x") for at in sorted(places))
    axis = Axis("", 0.4, 1001, ticks, "log" if scale == "log" else "linear")
    kept = axis.fitting(room, size=lambda _: size)
    assert ticks[-1] in kept
    assert list(kept) == [tick for tick in ticks if tick in kept]
    at = [axis.place(tick.at) * room for tick in kept]
    assert all(right - left >= size - 1e-6 for left, right in pairwise(at))


def test_zero_is_the_label_that_stays() -> None:
    ticks = tuple(Tick(at, "") for at in (-2, -1, 0, 1, 2))
    assert [tick.at for tick in Axis("", -2, 2, ticks).fitting(4, size=lambda _: 2)] == [-2, 0, 2]
    assert [tick.at for tick in Axis("", -2, 2, ticks).fitting(4, size=lambda _: 9)] == [0]


def test_an_undefined_point_is_a_gap() -> None:
    points = [Point(1, 0.1, 0.0, 0.2), Point(2, None), Point(3, 0.3), Point(4, 0.4, 0.3, 0.5)]
    assert stretches(points) == [[(1, 0.1)], [(3, 0.3), (4, 0.4)]]
    assert bands(points) == [[(1, 0.0, 0.2)], [(4, 0.3, 0.5)]]
    assert stretches([Point(1, None)]) == []


def test_names_of_categories_are_cut_to_their_share_of_the_axis() -> None:
    axis = Axis("", -0.5, 1.5, (Tick(0, "backbone"), Tick(1, "projector")), "categories")
    assert [tick.text for tick in axis.shortened(40).ticks] == ["backbone", "projector"]
    assert [tick.text for tick in axis.shortened(20).ticks] == ["backbone", "project…"]
    log = Axis("", 1, 100, (Tick(10, "ten"),), "log")
    assert log.shortened(1) is log


def test_a_subtitle_is_broken_after_commas() -> None:
    chart = Chart("", "some-run, epoch 800, k = 50, 600 attacked images", Axis("", 0, 1, ()), ())
    assert chart.subtitle_lines(80) == [chart.subtitle]
    assert chart.subtitle_lines(26) == ["some-run, epoch 800,", "k = 50,", "600 attacked images"]
    assert max(map(len, chart.subtitle_lines(5))) <= 5
