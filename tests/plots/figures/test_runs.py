from typing import Any

from dejavu_tui.plots.chart import Dots
from dejavu_tui.plots.figures.runs import chart
from tests.plots.frames import scores


def test_runs_stand_in_the_order_of_their_scores_and_those_without_come_last() -> None:
    rows: list[dict[str, Any]] = [
        {"run": "low", "dejavu_score": 0.1},
        {"run": "none", "dejavu_score": None, "note": "why"},
        {"run": "high", "dejavu_score": 0.3},
        {"run": "also-low", "dejavu_score": 0.1},
        {"run": "low", "direction": "E", "dejavu_score": 0.9},
    ]
    drawn = chart(scores(*rows))
    assert [tick.text for tick in drawn.x.ticks] == ["high", "also-low", "low", "none"]
    score, control = drawn.panels[1].marks
    assert isinstance(score, Dots)
    assert isinstance(control, Dots)
    assert [point.y for point in score.points] == [0.3, 0.1, 0.1, None]
    assert [(round(point.x), point.y) for point in control.points] == [(2, 0.9)]
    assert drawn.notes == ("not drawn: déjà vu score for run none: why",)


def test_names_that_would_be_cut_stand_below_by_numbers() -> None:
    names = [f"simclr-convnet-{size}" for size in (100, 200, 300)]
    drawn = chart(scores(*({"run": name, "dejavu_score": -place} for place, name in enumerate(names))))
    assert [tick.text for tick in drawn.x.ticks] == ["1", "2", "3"]
    assert drawn.notes == ("1=simclr-convnet-100, 2=simclr-convnet-200, 3=simclr-convnet-300",)


def test_what_all_runs_share_is_told_once() -> None:
    drawn = chart(scores({"run": "a", "method": "byol"}, {"run": "b", "method": "dino"}))
    assert drawn.subtitle.startswith("convnet, epoch 800")
