import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.plots.axes import (
    category_axis,
    count_axis,
    number_axis,
    percent_axis,
    sweep_axis,
    whole_percent_axis,
)

SHARES = st.floats(-1, 1).map(lambda value: round(value, 6))


@given(st.lists(SHARES | st.none(), max_size=20))
def test_an_axis_of_shares_holds_zero_and_all_values(values: list[float | None]) -> None:
    axis = percent_axis("", values)
    for value in (0, *values):
        assert value is None or axis.low <= value <= axis.high
    assert axis.low < axis.high
    assert 1 <= len(axis.ticks) <= 7
    assert any(tick.at == 0 and float(tick.text.rstrip("%")) == 0 for tick in axis.ticks)
    for tick in axis.ticks:
        assert axis.low <= tick.at <= axis.high
        assert math.isclose(float(tick.text.rstrip("%").replace("−", "-")), 100 * tick.at, abs_tol=1e-9)


def test_round_numbers() -> None:
    assert [tick.text for tick in percent_axis("", [0.32]).ticks] == ["0%", "10%", "20%", "30%"]
    assert [tick.text for tick in percent_axis("", [-0.1, 0.004]).ticks] == [
        "−10%",
        "−8%",
        "−6%",
        "−4%",
        "−2%",
        "0%",
    ]
    assert [tick.text for tick in percent_axis("", [0.012]).ticks] == ["0.0%", "0.5%", "1.0%"]
    assert [tick.text for tick in count_axis("", [2100]).ticks] == ["0", "500", "1,000", "1,500", "2,000"]
    assert [tick.text for tick in count_axis("", [2]).ticks] == ["0", "1", "2"]
    assert [tick.text for tick in number_axis("", -3.9, 0).ticks] == ["−3", "−2", "−1", "0"]
    assert [tick.text for tick in whole_percent_axis("").ticks] == ["0%", "25%", "50%", "75%", "100%"]


def test_a_sweep_is_on_a_log_scale_where_it_spans_much() -> None:
    wide = sweep_axis("epoch", [50, 100, 1000], margin=0)
    assert (wide.scale, wide.low, wide.high, wide.label) == ("log", 50, 1000, "epoch (log scale)")
    assert [tick.text for tick in wide.ticks] == ["50", "100", "1,000"]
    narrow = sweep_axis("epoch", [50, 100], margin=0.1)
    assert (narrow.scale, narrow.low, narrow.high, narrow.label) == ("linear", 45, 105, "epoch")
    assert sweep_axis("epoch", [0, 100], margin=0).scale == "linear"


@pytest.mark.parametrize("value", [0, 1, 800])
def test_a_single_value_stands_inside(value: int) -> None:
    axis = sweep_axis("epoch", [value], margin=0)
    assert axis.low < value < axis.high


def test_categories_stand_at_whole_numbers() -> None:
    axis = category_axis("layer", ["a", "b"])
    assert [(tick.at, tick.text, axis.place(tick.at)) for tick in axis.ticks] == [(0, "a", 0.25), (1, "b", 0.75)]
