import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from dejavu_tui.plots.figures.confidence import NEEDS, draw
from tests.plots.test_plots import curve


def same(drawn: ArrayLike, expected: ArrayLike) -> bool:
    return np.array_equal(np.asarray(drawn), np.asarray(expected))


def test_both_encoders_the_score_and_its_interval() -> None:
    table = curve(NEEDS).with_columns(accuracy_target=pl.lit(0.9), accuracy_reference=pl.lit(0.2))
    upper, lower = draw(table).axes
    target, reference = upper.get_lines()
    assert same(target.get_xdata(), range(1, 101))
    assert same(target.get_ydata(), [0.9] * 100)
    assert same(reference.get_ydata(), [0.2] * 100)
    assert target.get_linestyle() != reference.get_linestyle()  # not by colour alone
    assert same(lower.get_lines()[1].get_ydata(), table["dejavu_score"].to_numpy())
    assert "$run_^, epoch 800, projector, k = 20, 600 images" in upper.get_title(loc="left")


def test_without_intervals_there_is_no_band() -> None:
    table = curve(NEEDS).with_columns(ci_low=pl.lit(None, pl.Float64), ci_high=pl.lit(None, pl.Float64))
    _, lower = draw(table).axes
    assert all(np.asarray(path.vertices).size <= 6 for band in lower.collections for path in band.get_paths())
