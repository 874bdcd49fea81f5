import pytest

from dejavu_tui.plots.chart import Line, Point
from dejavu_tui.plots.figures.confidence import chart
from tests.plots.frames import scores


def test_both_encoders_the_score_and_its_interval_at_each_p() -> None:
    drawn = chart(
        scores(
            {"top_percent": 100, "accuracy_target": 0.3, "accuracy_reference": 0.1, "dejavu_score": 0.2},
            {"top_percent": 1, "accuracy_target": 0.9, "accuracy_reference": 0.2, "dejavu_score": 0.7}
            | {"ci_low": 0.5, "ci_high": 0.8},
            {"top_percent": 1, "direction": "E"},
        )
    )
    upper, lower = drawn.panels
    target, reference = upper.marks
    assert isinstance(target, Line)
    assert isinstance(reference, Line)
    assert (target.tone, target.points) == ("target", (Point(1, 0.9), Point(100, 0.3)))
    assert (reference.tone, reference.points) == ("reference", (Point(1, 0.2), Point(100, 0.1)))
    (score,) = lower.marks
    assert isinstance(score, Line)
    assert score.points == (Point(1, 0.7, 0.5, 0.8), Point(100, 0.2, 0.2, 0.4))
    assert score.name == "accuracy of target − of reference, 95% interval"
    assert [drawn.x.place(percent) for percent in (1, 10, 100)] == pytest.approx([0, 0.5, 1])
    assert drawn.subtitle == "r, epoch 800, projector, k = 50, 600 attacked images"


def test_without_intervals_none_is_named() -> None:
    (score,) = chart(scores({"top_percent": 1, "ci_low": None, "ci_high": None})).panels[1].marks
    assert isinstance(score, Line)
    assert score.points == (Point(1, 0.3),)
    assert "interval" not in score.name
