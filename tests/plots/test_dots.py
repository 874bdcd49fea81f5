"""Marks on the braille canvas, dots counted against what they stand for."""

import pytest

from dejavu_tui.plots.canvas import Canvas
from dejavu_tui.plots.chart import Areas, Axis, Bars, Dots, Line, Mark, Panel, Point, Rods, Share
from dejavu_tui.plots.dots import draw_panel

X, Y = Axis("", 0, 1, ()), Axis("", 0, 1, ())


def drawn(*marks: Mark, columns: int = 8, rows: int = 4, x: Axis = X, y: Axis = Y) -> list[str]:
    canvas = Canvas(columns, rows)
    draw_panel(canvas, Panel(y, marks), x)
    return ["".join(char for char, _ in canvas.cells(row)) for row in range(rows)]


def dots(rows: list[str]) -> int:
    return sum((ord(char) - 0x2800).bit_count() for char in "".join(rows) if 0x2800 <= ord(char) < 0x2900)


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_filled_share_has_its_share_of_the_dots(share: float) -> None:
    filled = Share("memorized", "memorized", (share, share))
    assert dots(drawn(Areas((0, 1), (filled,)))) == share * 8 * 4 * 8
    assert dots(drawn(Bars((0, 0.5, 1), (filled,)))) == share * 8 * 4 * 8


def test_shares_are_stacked_with_their_patterns() -> None:
    stack = Areas(
        (0, 1),
        (
            Share("memorized", "memorized", (0.25, 0.25)),
            Share("correlated", "correlated", (0.25, 0.25)),
            Share("misrepresented", "misrepresented", (0.25, 0.25)),
            Share("unassociated", "unassociated", (0.25, 0.25)),
        ),
    )
    assert drawn(stack, columns=2) == ["⠉⠉", "⡏⡏", "⢝⢝", "⣿⣿"]


def test_bars_follow_their_bins() -> None:
    bars = Bars((0, 0.25, 1), (Share("memorized", "memorized", (1, 0)),))
    assert drawn(bars, rows=1) == ["⣿⣿      "]


def test_areas_run_straight_on_the_axis_as_drawn() -> None:
    wedge = Areas((1, 100), (Share("memorized", "memorized", (0, 1)),))
    rows = drawn(wedge, columns=16, rows=8, x=Axis("", 1, 100, (), "log"))
    assert dots(rows) == pytest.approx(0.5 * 32 * 32, rel=0.04)


def test_rods_reach_from_zero_to_their_ends() -> None:
    x, y = Axis("", -1, 1, ()), Axis("", -0.5, 1.5, (), "categories")
    rows = drawn(
        Rods("memorized", "memorized", (1, None)),
        Rods("misrepresented", "misrepresented", (-0.5, 0)),
        rows=2,
        x=x,
        y=y,
    )
    assert rows == ["    ⡇   ", "  ⠆⠆⡷⠶⠶⠶"]


def test_a_gap_in_a_line_is_left_open() -> None:
    points = (Point(0, 0), Point(0.3, 0), Point(0.5, None), Point(0.7, 0), Point(1, 0))
    assert drawn(Line("", "score", points), rows=1) == ["●⣀●  ●⣀●"]


def test_a_band_spans_its_interval_and_whiskers_theirs() -> None:
    y = Axis("", -1, 1, ())
    band = Line("", "score", tuple(Point(at / 40, 0.9, -0.5, 0.5) for at in range(41)))
    assert all(cell != " " for row in drawn(band, y=y)[1:3] for cell in row)
    assert drawn(band, y=y)[3].strip() == ""
    whisker = Dots("", "control", (Point(0.5, 0, -1, 1),))
    column = [row[4] for row in drawn(whisker, y=Axis("", -1, 1, ()))]
    assert column[0] in "⡇⢸"
    assert column[3] in "⡇⢸"
    assert "◇" in column


def test_the_interval_of_a_point_that_stands_alone_is_a_whisker() -> None:
    alone = Line("", "score", (Point(0.5, 0, -1, 1),))
    assert [row[4] for row in drawn(alone, y=Axis("", -1, 1, ()))] in (
        ["⡇", "●", "⡇", "⡇"],
        ["⡇", "⡇", "●", "⡇"],
    )


def test_zero_is_marked_where_it_lies_inside() -> None:
    assert drawn(y=Axis("", -1, 1, ()), rows=1) == ["⠄ ⠄ ⠄ ⠄ "]
    assert drawn(y=Axis("", 0, 1, ()), rows=1) == ["        "]
