from dejavu_tui.plots.chart import Dots
from dejavu_tui.plots.figures.layers import chart
from tests.plots.frames import scores


def test_layers_stand_in_the_order_of_depth() -> None:
    names = ["backbone", "projector.1", "projector.2", "projector.10", "projector"]
    rows = [{"layer": name, "dejavu_score": 0.1 * place} for place, name in enumerate(names)]
    drawn = chart(scores(*reversed(rows), {"layer": "projector.2", "direction": "E", "dejavu_score": 0.9}))
    assert [tick.text for tick in drawn.x.ticks] == names
    score, control = drawn.panels[1].marks
    assert isinstance(score, Dots)
    assert isinstance(control, Dots)
    assert [point.y for point in score.points] == [row["dejavu_score"] for row in rows]
    assert {(point.low, point.high) for point in score.points} == {(0.2, 0.4)}
    assert [(round(point.x), point.y) for point in control.points] == [(2, 0.9)]
    assert control.points[0].x > score.points[2].x
    target, reference = drawn.panels[0].marks
    assert isinstance(target, Dots)
    assert isinstance(reference, Dots)
    assert {point.y for point in target.points} == {0.5}
    assert {point.y for point in reference.points} == {0.2}


def test_an_undefined_score_is_told() -> None:
    drawn = chart(scores({"layer": "backbone", "dejavu_score": None, "note": "why"}, {"layer": "projector"}))
    assert drawn.notes == ("not drawn: déjà vu score for layer backbone: why",)
