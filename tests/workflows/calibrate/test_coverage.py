"""The population whose score the intervals should hold."""

import numpy as np
import pytest

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Step, silent
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.intervals import bootstrap, interval
from dejavu_tui.workflows.calibrate import coverage
from dejavu_tui.workflows.calibrate.coverage import Population, coverage_rows, planted_score
from tests import oracles


def drawn(rng: np.random.Generator, n: int) -> Answers:
    """Answers to n images of the population that the module's docstring describes; confidences in three levels."""
    u = rng.random(n)
    misleads, tells = u < coverage.MISLEADS, (u >= coverage.MISLEADS) & (u < coverage.MISLEADS + coverage.TELLS)
    answered = []
    for remembered in (coverage.REMEMBERED, 0):
        knows = tells | (rng.random(n) < remembered)
        torn = rng.random(n) < coverage.TORN
        by_chance = rng.random(n) < np.where(torn, 1 / 2, 1 / 8)
        answered.append(np.select([misleads | knows, torn], [0.0, -1 - rng.integers(28, size=n) / 100], -3.0))
        answered.append(np.select([misleads, knows], [np.zeros(n, bool), np.ones(n, bool)], by_chance))
    target, target_hit, reference, reference_hit = answered
    return Answers(target, target_hit, reference, reference_hit)


@pytest.mark.parametrize("percent", [5, 20, 100])
def test_the_populations_accuracy_is_that_of_a_very_large_sample(percent: int) -> None:
    n = 60_000
    one = drawn(np.random.default_rng(0), n)
    sides = (
        (coverage.REMEMBERED, one.target_confidence, one.target_hit),
        (0, one.reference_confidence, one.reference_hit),
    )
    for remembered, confidence, hit in sides:
        found, _ = oracles.accuracy(confidence.tolist(), hit.tolist(), percent)
        noise = np.sqrt(0.25 / (n * percent / 100))
        assert Population.of(remembered).accuracy(percent) == pytest.approx(float(found), abs=4 * noise)


@pytest.mark.slow
def test_intervals_of_a_thousand_samples_hold_the_score_as_often_as_documented() -> None:
    rng, percents = np.random.default_rng(0), np.array(coverage.TOPS)
    planted = np.array([planted_score(percent) for percent in coverage.TOPS])
    held = np.zeros(2)
    for _ in range(1000):
        both = [bootstrap(drawn(rng, 200), percents, resamples=300, rng=rng) for _ in ("A", "B")]
        low, high = interval(np.mean(both, axis=0))
        held += (low <= planted) & (planted <= high)
    assert held / 1000 == pytest.approx([0.961, 0.946], abs=4 * np.sqrt(0.05 * 0.95 / 1000))


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
