"""What holds for every figure of the registry, found by its file name."""

from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.plots import figure_names, load_figure
from dejavu_tui.plots.picture import render
from dejavu_tui.plots.terminal import draw, plain
from tests.plots.frames import SHOWN, planted


@pytest.mark.parametrize("name", figure_names())
def test_draws_the_same_whatever_the_order_of_rows(name: str) -> None:
    figure = load_figure(name)
    table = planted(figure.source)
    chart = figure.chart(table)
    assert figure.chart(table.reverse()) == chart
    assert figure.chart(table.sample(fraction=1, shuffle=True, seed=3)) == chart
    assert render(chart, format="png").startswith(b"\x89PNG")
    assert SHOWN in plain(draw(chart, width=200, height=50)).replace("\n", " ")


@pytest.mark.parametrize("name", figure_names())
def test_says_what_it_shows_in_which_unit(name: str) -> None:
    figure = load_figure(name)
    chart = figure.chart(planted(figure.source))
    assert chart.title
    assert chart.x.label
    for panel in chart.panels:
        assert panel.y.label
        assert len({name for name, _, _ in panel.legend}) == len(panel.legend)
        tones = [tone for _, _, tone in panel.legend]
        assert len(set(tones)) == len(tones), "two marks of a panel look alike"


@pytest.mark.parametrize("name", figure_names())
def test_every_figure_has_its_oracle(name: str) -> None:
    assert (Path(__file__).parent / "figures" / f"test_{name}.py").is_file()


def test_an_unknown_figure_is_refused_with_the_nearest() -> None:
    with pytest.raises(RequestError, match="did you mean 'confidence'"):
        load_figure("confidense")
    with pytest.raises(RequestError, match="known are: classes, confidence, "):
        load_figure("zzz")
