"""Bars and numbers of classes."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.words.classlines import bar, class_lines
from dejavu_tui.app.words.runlines import percent

LOW, HIGH = (st.integers(*ends).map(lambda thousandths: thousandths / 1000) for ends in ((-1000, 0), (0, 1000)))


@given(gap=LOW | HIGH, low=LOW, high=HIGH, width=st.integers(6, 80))
def test_a_bar_keeps_to_its_side_of_zero_and_to_its_width(gap: float, low: float, high: float, width: int) -> None:
    gap = min(max(gap, low), high)
    drawn = bar(gap, low=low, high=high, width=width).plain
    left, _, right = drawn.partition("│")
    assert len(drawn) <= width
    assert not (left.strip() and right.strip())
    if gap < 0 and left:
        assert set(left.strip()) == {"▒"}
    if gap > 0:
        assert not left.strip()
    if gap == high > 0 and gap >= (high - low) / (width - 1):
        assert abs(len(left) + len(right) - (width - 1)) <= 1


def test_bars_are_as_long_as_their_gaps() -> None:
    lengths = [len(bar(gap, low=-0.2, high=0.4, width=61).plain.partition("│")[2]) for gap in (0.1, 0.2, 0.4)]
    assert lengths == [10, 20, 40]
    assert bar(-0.1, low=-0.2, high=0.4, width=61).plain == " " * 10 + "▒" * 10 + "│"
    assert bar(None, low=0, high=0, width=10).plain == "│"


def test_undefined_values_come_last_whichever_way_classes_are_sorted() -> None:
    table = pl.DataFrame(
        {"direction": ["both"] * 3, "label": [0, 1, 2], "label_name": ["b", "A", "c"], "gap": [None, -0.1, 0.2]}
    )
    for descending, expected in ((True, ["c", "A", "b"]), (False, ["A", "c", "b"])):
        lines = class_lines(table, direction="both", holds="", sort="gap", descending=descending)
        assert [line.name for line in lines] == expected
    by_name = class_lines(table, direction="both", holds="", sort="label_name", descending=False)
    assert [line.name for line in by_name] == ["A", "b", "c"]


def test_shares_are_told_with_one_decimal_and_zero_without_sign() -> None:
    told = [percent(share, sign=True) for share in (0.123, -0.0449, 0.0001, -0.0001, 0.0, None)]
    assert told == ["+12.3%", "−4.5%", "0.0%", "0.0%", "0.0%", "—"]
