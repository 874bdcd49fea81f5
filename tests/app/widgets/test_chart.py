"""Charts in a space of any size."""

import pytest

from dejavu_tui.app.epochs import epoch_chart
from dejavu_tui.app.widgets.chart import fitted
from dejavu_tui.plots.chart import Line
from dejavu_tui.plots.terminal import column_of, draw, plain
from tests.app.overviews import EPOCHS, fake_overview

WHOLE = fake_overview().scores.filter(run="simclr-convnet")


@pytest.mark.parametrize("width", [40, 41, 80, 154])
def test_what_fits_is_drawn_and_the_score_always(width: int) -> None:
    chart = epoch_chart(WHOLE, EPOCHS, percent=20)
    seen = []
    for height in range(1, 60):
        rows = fitted(chart, width=width, height=height)
        assert len(rows) <= height
        text = plain(rows)
        assert all(len(line) <= width for line in text.splitlines())
        assert text.startswith("score at 20%")
        seen.append(sum(name in text for name in ("score at 20%", "share of images", "linear probe gap")))
    assert seen == sorted(seen)
    assert seen[-1] == 3


def test_scored_epochs_are_points_and_the_others_are_gaps() -> None:
    chart = epoch_chart(WHOLE.filter(WHOLE["epoch"] <= 100), EPOCHS, percent=20)
    (score, control) = chart.panels[0].marks
    assert isinstance(score, Line)
    assert [(point.x, point.y) for point in score.points] == [
        (50, -0.02), (100, 0.01), (200, None), (400, None), (800, None)
    ]  # fmt: skip
    assert isinstance(control, Line)
    assert {point.y for point in control.points} == {0.01, None}
    assert [tick.at for tick in chart.x.ticks] == list(EPOCHS)


@pytest.mark.parametrize("width", [40, 80, 121])
def test_a_place_of_the_axis_is_where_its_points_are_drawn(width: int) -> None:
    chart = epoch_chart(WHOLE, EPOCHS, percent=20)
    lines = plain(draw(chart, width=width, height=30)).splitlines()
    axis = next(line for line in lines if "└" in line)
    assert [column_of(chart, epoch, width=width) for epoch in EPOCHS] == [
        place for place, letter in enumerate(axis) if letter == "┬"
    ]
