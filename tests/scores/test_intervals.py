import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.intervals import bootstrap, interval
from tests import oracles
from tests.scores.strategies import answers


@settings(max_examples=30, deadline=None)
@given(answers(max_size=15), st.integers(0, 1000))
def test_each_resample_is_scored_like_a_data_set_of_its_own(one: Answers, seed: int) -> None:
    percents = [1, 5, 20, 50, 100]
    found = bootstrap(one, np.array(percents), resamples=8, rng=np.random.default_rng(seed))
    same = np.random.default_rng(seed)
    for resample in range(8):
        drawn = same.integers(len(one), size=len(one))
        answered = (
            one.target_confidence[drawn].tolist(),
            one.target_hit[drawn].tolist(),
            one.reference_confidence[drawn].tolist(),
            one.reference_hit[drawn].tolist(),
        )
        expected = [float(oracles.score(*answered, percent)) for percent in percents]
        assert found[resample] == pytest.approx(expected, abs=1e-12)


def test_interval_is_the_percentile_one() -> None:
    low, high = interval(np.arange(1001.0)[:, None])
    assert (low[0], high[0]) == pytest.approx((25, 975))


@pytest.mark.parametrize("truth", [0.0, 0.2])
def test_the_interval_holds_a_planted_score_about_as_often_as_it_says(truth: float) -> None:
    rng, n, held = np.random.default_rng(7), 200, 0
    for _ in range(200):
        confidence = np.zeros(n)
        one = Answers(np.arange(n), confidence, rng.random(n) < 0.3 + truth, confidence, rng.random(n) < 0.3)
        low, high = interval(bootstrap(one, np.array([100]), resamples=200, rng=rng))
        held += bool(low[0] <= truth <= high[0])
    assert 0.90 <= held / 200 <= 0.985
