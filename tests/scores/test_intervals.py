from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.intervals import bootstrap, interval, streams
from tests import oracles
from tests.scores.strategies import answers, differ, reordered, swapped

PERCENTS = np.array([1, 5, 20, 50, 100])


def resampled(one: Answers, *, seed: int = 0) -> NDArray[np.float64]:
    return bootstrap(one, PERCENTS, resamples=8, rng=streams({"A": one}, seed=seed)["A"])


@settings(max_examples=30, deadline=None)
@given(answers(max_size=15), st.integers(0, 1000))
def test_each_resample_is_scored_like_a_data_set_of_its_own(one: Answers, seed: int) -> None:
    found = bootstrap(one, PERCENTS, resamples=8, rng=np.random.default_rng(seed))
    target, reference = (one.target_hit, -one.target_confidence), (one.reference_hit, -one.reference_confidence)
    orders = [np.lexsort((*reference, *target)), np.lexsort((*target, *reference))]  # of the images that are drawn
    assert any(found == pytest.approx(_redone(reordered(one, order), seed), abs=1e-12) for order in orders)


def _redone(one: Answers, seed: int) -> NDArray[np.float64]:
    rng, scores = np.random.default_rng(seed), []
    for _ in range(8):
        again = reordered(one, rng.integers(len(one), size=len(one)))
        answered = (
            again.target_confidence.tolist(),
            again.target_hit.tolist(),
            again.reference_confidence.tolist(),
            again.reference_hit.tolist(),
        )
        scores.append([float(oracles.score(*answered, percent)) for percent in PERCENTS.tolist()])
    return np.array(scores)


@settings(max_examples=50, deadline=None)
@given(answers(), st.randoms(), st.integers(0, 9))
def test_the_order_of_the_images_decides_nothing(one: Answers, random: Random, seed: int) -> None:
    order = list(range(len(one)))
    random.shuffle(order)
    mixed = reordered(one, np.array(order))
    other = Answers(
        mixed.target_confidence * 2,  # what counts is their order
        mixed.target_hit,
        mixed.reference_confidence,
        mixed.reference_hit,
    )
    assert np.array_equal(resampled(other, seed=seed), resampled(one, seed=seed))


@settings(max_examples=50, deadline=None)
@given(answers())
def test_exchanging_the_encoders_turns_the_sign_of_every_resample(one: Answers) -> None:
    assume(differ(one))
    assert np.array_equal(resampled(one), -resampled(swapped(one)))


def test_directions_with_equal_answers_are_resampled_apart() -> None:
    rng = np.random.default_rng(0)
    one = Answers(rng.random(50), rng.random(50) < 0.5, rng.random(50), rng.random(50) < 0.4)
    drawn = {name: rng.integers(10**9) for name, rng in streams({"A": one, "B": one, "E": one}, seed=1).items()}
    assert len(set(drawn.values())) == 3


def test_another_seed_draws_other_images() -> None:
    rng = np.random.default_rng(0)
    one = Answers(rng.random(50), rng.random(50) < 0.5, rng.random(50), rng.random(50) < 0.4)
    assert not np.array_equal(resampled(one, seed=0), resampled(one, seed=1))


def test_stops_between_resamples() -> None:
    one = Answers(np.zeros(3), np.ones(3, bool), np.zeros(3), np.zeros(3, bool))
    asked = iter([False, False, True])
    with pytest.raises(StoppedError):
        bootstrap(one, PERCENTS, resamples=10, rng=np.random.default_rng(0), stop=lambda: next(asked))


def test_interval_is_the_percentile_one() -> None:
    low, high = interval(np.arange(1001.0)[:, None])
    assert (low[0], high[0]) == pytest.approx((25, 975))


@pytest.mark.parametrize("truth", [0.0, 0.2])
def test_the_interval_holds_a_planted_score_about_as_often_as_it_says(truth: float) -> None:
    rng, n, held = np.random.default_rng(7), 200, 0
    for _ in range(200):
        confidence = np.zeros(n)
        one = Answers(confidence, rng.random(n) < 0.3 + truth, confidence, rng.random(n) < 0.3)
        low, high = interval(bootstrap(one, np.array([100]), resamples=200, rng=rng))
        held += bool(low[0] <= truth <= high[0])
    assert 0.90 <= held / 200 <= 0.985
