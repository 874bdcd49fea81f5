"""Every figure draws: found by its file name, from a table of the columns it needs."""

import polars as pl
import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.plots import figure_names, load_figure
from dejavu_tui.plots.render import png
from dejavu_tui.tables import SCORES

TEXT = {"run": "a $run_^", "layer": "projector"}
WHOLE = {"epoch": 800, "k": 20, "n": 600}


def curve(columns: tuple[str, ...]) -> pl.DataFrame:
    fields = {
        name: [TEXT.get(name, WHOLE.get(name, 0.5 - percent / 400)) for percent in range(1, 101)]
        for name in columns
        if name != "top_percent"
    }
    return pl.DataFrame({"top_percent": list(range(1, 101)), **fields})


@pytest.mark.parametrize("name", figure_names())
def test_draws_the_same_bytes_from_any_order_of_rows(name: str) -> None:
    module = load_figure(name)
    assert set(module.NEEDS) <= set(SCORES.schema)
    table = curve(module.NEEDS)
    first = png(module.draw(table))
    assert first.startswith(b"\x89PNG")
    assert png(module.draw(table.reverse())) == first
    assert png(module.draw(table.with_columns(dejavu_score=pl.lit(0.1)))) != first


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(RequestError, match="did you mean 'confidence'"):
        load_figure("confidense")
