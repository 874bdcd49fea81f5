from dejavu_tui.plots.chart import Line, Point
from dejavu_tui.plots.figures.sizes import chart
from tests.plots.frames import scores


def test_the_score_of_each_run_stands_over_its_train_size() -> None:
    drawn = chart(
        scores(
            {"run": "s-1000", "train_size": 1000, "epoch": 100, "n": 2000, "dejavu_score": 0.2},
            {"run": "s-100", "train_size": 100, "epoch": 100, "n": 200, "dejavu_score": 0.5, "ci_high": 0.6},
        )
    )
    score = drawn.panels[0].marks[0]
    assert isinstance(score, Line)
    assert score.points == (Point(100, 0.5, 0.2, 0.6), Point(1000, 0.2, 0.2, 0.4))
    assert [tick.text for tick in drawn.x.ticks] == ["100", "1,000"]
    assert drawn.subtitle == "simclr, convnet, epoch 100, projector, k = 50, top 20%"
