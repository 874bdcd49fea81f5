import pytest

from dejavu_tui.plots.chart import Chart, Dots, Line, Mark, Point
from dejavu_tui.plots.figures.epochs import chart
from tests.plots.frames import scores


def marks(drawn: Chart) -> dict[str, Mark]:
    return {tone: mark for panel in drawn.panels for _, mark, tone in panel.legend}


def test_score_control_probe_gap_and_two_kinds() -> None:
    drawn = chart(
        scores(
            {"epoch": 800, "dejavu_score": 0.3, "memorized": 0.4, "misrepresented": 0.1, "probe_gap": 0.05},
            {"epoch": 50, "dejavu_score": 0.1, "ci_low": -0.1, "memorized": 0.2, "misrepresented": 0.15}
            | {"probe_gap": 0.25},
            {"epoch": 50, "dejavu_score": 0.01, "ci_low": -0.2, "ci_high": 0.2, "direction": "E"},
        )
    )
    found = marks(drawn)
    score, control = found["score"], found["control"]
    assert isinstance(score, Line)
    assert score.points == (Point(50, 0.1, -0.1, 0.4), Point(800, 0.3, 0.2, 0.4))
    assert isinstance(control, Dots)
    (beside,) = control.points
    assert (beside.y, beside.low, beside.high) == (0.01, -0.2, 0.2)
    assert 0 < drawn.x.place(beside.x) - drawn.x.place(50) < 0.03
    for tone, points in {
        "probe": (Point(50, 0.25), Point(800, 0.05)),
        "memorized": (Point(50, 0.2), Point(800, 0.4)),
        "misrepresented": (Point(50, 0.15), Point(800, 0.1)),
    }.items():
        line = found[tone]
        assert isinstance(line, Line)
        assert line.points == points
    assert [tick.text for tick in drawn.x.ticks] == ["50", "800"]
    assert drawn.subtitle == "r, projector, k = 50, top 20%, 600 attacked images"
    assert drawn.notes == ()


def test_without_a_probe_and_without_e_nothing_stands_for_them() -> None:
    drawn = chart(scores({"epoch": 50}, {"epoch": 100}))
    assert len(drawn.panels) == 2
    assert set(marks(drawn)) == {"score", "memorized", "misrepresented"}


def test_what_is_undefined_is_a_gap_and_told() -> None:
    empty = {"dejavu_score": None, "ci_low": None, "ci_high": None, "note": "no image is attacked"}
    drawn = chart(scores({"epoch": 50}, {"epoch": 100} | empty, {"epoch": 200} | empty))
    score = marks(drawn)["score"]
    assert isinstance(score, Line)
    assert [point.y for point in score.points] == [0.3, None, None]
    assert drawn.notes == ("not drawn: déjà vu score for epoch 100, 200: no image is attacked",)


@pytest.mark.parametrize("epoch", [0, 1, 800])
def test_one_epoch_is_one_point_within_the_axis(epoch: int) -> None:
    drawn = chart(scores({"epoch": epoch}))
    assert 0 < drawn.x.place(epoch) < 1


def test_where_whiskers_would_be_a_thicket_e_is_a_line() -> None:
    rows = [{"epoch": epoch, "direction": way} for epoch in range(1, 32) for way in ("both", "E")]
    assert isinstance(marks(chart(scores(*rows)))["control"], Line)
    assert isinstance(marks(chart(scores(*rows[:-2])))["control"], Dots)
