import pytest

from dejavu_tui.plots.chart import Dots, Rods
from dejavu_tui.plots.figures.classes import EXTREMES, chart
from tests.plots.frames import classes


def test_memorized_to_the_right_misrepresented_to_the_left_the_largest_gap_at_the_top() -> None:
    drawn = chart(classes([("ant", 10, 0.5, 0.1), ("bee", 20, 0.1, 0.4), ("cat", 30, 0.6, 0.0)]))
    (panel,) = drawn.panels
    memorized, misrepresented, gap = panel.marks
    assert [tick.text for tick in panel.y.ticks] == ["bee (20)", "ant (10)", "cat (30)"]
    assert memorized == Rods("memorized", "memorized", (0.1, 0.5, 0.6))
    assert misrepresented == Rods("misrepresented", "misrepresented", (-0.4, -0.1, 0.0))
    assert isinstance(gap, Dots)
    assert [point.x for point in gap.points] == pytest.approx([-0.3, 0.4, 0.6])
    assert [point.y for point in gap.points] == [0, 1, 2]
    assert drawn.subtitle == "r, epoch 800, projector, k = 50, 60 attacked images"


def test_of_a_thousand_classes_the_extremes_are_shown_and_the_others_counted() -> None:
    drawn = chart(classes([(f"c{place}", 5, place / 1000, 0.0) for place in range(1000)]))
    (panel,) = drawn.panels
    names = [tick.text for tick in panel.y.ticks]
    least, most = [f"c{place} (5)" for place in range(7)], [f"c{place} (5)" for place in range(993, 1000)]
    assert names == [*least, "⋮", *most]
    memorized, _, gap = panel.marks
    assert isinstance(memorized, Rods)
    assert isinstance(gap, Dots)
    assert memorized.ends[EXTREMES] is None
    assert EXTREMES not in [point.y for point in gap.points]
    assert drawn.notes == (
        "⋮ 986 of 1,000 classes are not shown: gaps from 0.7% to 99.2%; `dejavu classes` lists all",
    )


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (15, 15), (16, 15)])
def test_as_many_as_there_is_room_for(count: int, shown: int) -> None:
    drawn = chart(classes([(f"c{place}", 5, place / 100, 0.0) for place in range(count)]))
    assert len(drawn.panels[0].y.ticks) == shown
    assert len(drawn.notes) == (count > shown)


def test_classes_without_a_number_are_counted() -> None:
    drawn = chart(classes([("ant", 10, 0.5, 0.1), *((f"c{place}", 0, None, None) for place in range(9))]))
    assert [tick.text for tick in drawn.panels[0].y.ticks] == ["ant (10)"]
    assert drawn.notes == ("not drawn: gap for class c0, c1, c2, c3, c4 and 4 more: no image of it is attacked",)
