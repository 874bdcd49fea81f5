"""Distributions of counts against enumeration and against known values."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.workflows.calibrate.noise import (
    LEVEL,
    Counts,
    binomial,
    differences,
    exactly,
    mixture,
    width,
)


def chances(counts: Counts) -> dict[int, float]:
    return {counts.first + i: float(weight) for i, weight in enumerate(counts.weights)}


@given(st.integers(0, 40), st.floats(0, 1))
def test_binomial_is_the_binomial(n: int, p: float) -> None:
    found = chances(binomial(n, p))
    for hits in range(n + 1):
        expected = math.comb(n, hits) * p**hits * (1 - p) ** (n - hits)
        assert found.get(hits, 0.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_differences_are_what_enumeration_gives(n: int) -> None:
    p = 0.2
    expected: dict[int, float] = {}
    for moves in itertools.product([(-1, p), (0, 1 - 2 * p), (1, p)], repeat=n):
        total = sum(step for step, _ in moves)
        expected[total] = expected.get(total, 0.0) + math.prod(chance for _, chance in moves)
    assert chances(differences(n, p)) == pytest.approx(expected)


def test_sums_negatives_shifts_and_mixtures() -> None:
    die = Counts(1, np.full(6, 1 / 6))
    assert chances(die + die)[7] == pytest.approx(1 / 6)
    assert chances(-die) == pytest.approx({-face: 1 / 6 for face in range(1, 7)})
    assert chances(die.plus(10)) == pytest.approx({face + 10: 1 / 6 for face in range(1, 7)})
    mixed = chances(mixture([(0.25, Counts(0, np.ones(1))), (0.75, Counts(2, np.ones(1)))]))
    assert mixed == {0: 0.25, 1: 0.0, 2: 0.75}


@given(st.integers(1, 400), st.floats(0.01, 0.99))
def test_the_limits_hold_all_but_the_level_and_are_not_wider_than_needed(n: int, p: float) -> None:
    counts = binomial(n, p)
    limits = counts.over(n)
    low, high = round(limits.low * n), round(limits.high * n)
    assert limits.value == pytest.approx(p, abs=1e-9)
    assert counts.weights[:low].sum() <= LEVEL / 2
    assert counts.weights[high + 1 :].sum() <= LEVEL / 2
    assert counts.weights[: low + 1].sum() > LEVEL / 2
    assert counts.weights[high:].sum() > LEVEL / 2


def test_exactly_leaves_nothing_to_chance() -> None:
    assert (exactly(1).low, exactly(1).value, exactly(1).high) == (1, 1, 1)


def test_the_width_of_an_interval_is_that_of_simulated_ones() -> None:
    rng = np.random.default_rng(0)
    p, n = 0.4, 432
    limits = width(p * (1 - p), relative=abs(1 - 2 * p) / math.sqrt(p * (1 - p) * n), n=n, resamples=1000)
    widths = []
    for _ in range(300):
        share = rng.binomial(n, p) / n
        low, high = np.quantile(rng.binomial(n, share, 1000) / n, [0.025, 0.975])
        widths.append(high - low)
    assert np.mean(widths) == pytest.approx(limits.value, rel=0.02)
    assert min(widths) >= limits.low
    assert max(widths) <= limits.high
