"""The expectations that are worked out by distributions, against simulation of the words of their docstrings."""

import math

import numpy as np
import pytest

from dejavu_tui.workflows.calibrate.noise import Counts
from dejavu_tui.workflows.calibrate.truths import TRUTHS, Truth, kept, right, top_differences, top_hits
from tests import oracles

N = 40


def simulate(dial: float, *, draws: int = 4000) -> np.ndarray:
    """Hits (draws, 2) of two encoders that remember nobody on the top 20% of N images."""
    rng = np.random.default_rng(7)
    hits = np.empty((draws, 2))
    for draw in range(draws):
        tells, label = rng.random(N) < dial, rng.integers(8, size=N)
        for encoder in range(2):
            hit = tells | (rng.integers(8, size=N) == label)
            confidence = np.where(tells, 0.0, -rng.random(N))
            top = np.argsort(-confidence, kind="stable")[: kept(N, 20)]
            hits[draw, encoder] = hit[top].sum()
    return hits


@pytest.mark.parametrize("dial", [0, 0.15, 0.5, 1])
def test_hits_on_the_top_and_their_difference_are_as_simulated(dial: float) -> None:
    hits = simulate(dial)
    for counts, sample in (
        (top_hits(N, dial, 20), hits[:, 0]),
        (top_differences(N, dial, 20), -np.diff(hits)[:, 0]),
    ):
        mean, deviation = moments(counts)
        assert mean == pytest.approx(sample.mean(), abs=5 * deviation / np.sqrt(len(sample)) + 1e-9)
        assert deviation == pytest.approx(sample.std(), rel=0.07, abs=0.01)
        assert counts.first <= sample.min()
        assert sample.max() < counts.first + len(counts.weights)


def moments(counts: Counts) -> tuple[float, float]:
    numbers = counts.first + np.arange(len(counts.weights))
    mean = float(counts.weights @ numbers)
    return mean, math.sqrt(max(0.0, float(counts.weights @ numbers**2) - mean**2))


def test_the_ends_of_the_dial() -> None:
    assert (right(0), right(1)) == (1 / 8, 1)
    assert kept(216, 30) == oracles.kept(216, 30) == 64


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_every_truth_expects_each_number_once_and_within_its_limits(truth: Truth) -> None:
    for dial in truth.dials:
        quantities = list(truth.expects(dial, 216))
        keys = [(one.column, one.direction, one.top_percent) for one in quantities]
        assert quantities
        assert len(set(keys)) == len(keys)
        for one in quantities:
            assert one.expected.low <= one.expected.value <= one.expected.high
            assert one.expected.high - one.expected.low < 0.7
