"""The population whose score the intervals should hold."""

import numpy as np
import pytest

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Step, silent
from dejavu_tui.workflows.calibrate import coverage
from dejavu_tui.workflows.calibrate.coverage import Population, coverage_rows, planted_score
from tests import oracles


@pytest.mark.parametrize("remembered", [0, coverage.REMEMBERED])
@pytest.mark.parametrize("percent", [5, 20, 100])
def test_the_populations_accuracy_is_that_of_a_very_large_sample(remembered: float, percent: int) -> None:
    rng = np.random.default_rng(0)
    n = 60_000
    drawn = rng.random(n)
    misleads = drawn < coverage.MISLEADS
    tells = (drawn >= coverage.MISLEADS) & (drawn < coverage.MISLEADS + coverage.TELLS)
    knows = tells | (rng.random(n) < remembered)
    torn = rng.random(n) < coverage.TORN
    confidence = np.select([misleads | knows, torn], [0.0, -1.0], -2.0)
    hit = np.select([misleads, knows, torn], [rng.random(n) < 0, rng.random(n) < 1, rng.random(n) < 0.5])
    hit = np.where(~misleads & ~knows & ~torn, rng.random(n) < 1 / 8, hit).astype(bool)
    found, _ = oracles.accuracy(confidence.tolist(), hit.tolist(), percent)
    m = n * percent / 100
    assert Population.of(remembered).accuracy(percent) == pytest.approx(float(found), abs=4 * np.sqrt(0.25 / m))


def test_the_planted_score_is_known() -> None:
    assert planted_score(20) == pytest.approx(0.184)
    assert planted_score(100) == pytest.approx(0.05612)


def test_data_sets_are_counted_and_reported() -> None:
    steps: list[Step] = []
    rows = list(coverage_rows(2, seed=5, progress=steps.append, stop=lambda: False))
    assert [quantity for quantity, _, _ in rows] == ["both, top 20%, of 2", "both, top 100%, of 2"]
    assert all(share in (0, 0.5, 1) for _, _, share in rows)
    assert {(wanted.low, wanted.value, wanted.high) for _, wanted, _ in rows} == {(0.93, 0.95, 0.97)}
    assert [step.done for step in steps] == [0, 1, 2]


def test_an_interval_of_another_number_does_not_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "planted_score", lambda _percent: 0.9)
    rows = list(coverage_rows(1, seed=5, progress=silent, stop=lambda: False))
    assert [share for _, _, share in rows] == [0, 0]


def test_none_are_none_and_a_stop_is_a_stop() -> None:
    assert not list(coverage_rows(0, seed=0, progress=silent, stop=lambda: False))
    with pytest.raises(StoppedError):
        list(coverage_rows(1, seed=0, progress=silent, stop=lambda: True))
