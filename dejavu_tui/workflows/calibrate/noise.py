"""How far a measured number may lie from the planted one by chance alone: exact distributions of counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 1e-5
"""A sound instrument leaves the limits of one row with this probability at most, over both sides."""


@dataclass(frozen=True)
class Expected:
    """The planted value and the limits, both included, that a sound instrument keeps."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Counts:
    """The distribution of a whole number: P(first + i) = weights[i]."""

    first: int
    weights: NDArray[np.float64]

    def __add__(self, other: "Counts") -> "Counts":
        """Return the distribution of the sum with an independent number."""
        return Counts(self.first + other.first, np.convolve(self.weights, other.weights))

    def __neg__(self) -> "Counts":
        return Counts(-self.first - len(self.weights) + 1, self.weights[::-1])

    def plus(self, number: int) -> "Counts":
        """Return the distribution with a known number added."""
        return Counts(self.first + number, self.weights)

    def over(self, n: int) -> Expected:
        """Return the mean as a share of `n`, and the limits that leave LEVEL / 2 outside on each side."""
        numbers = self.first + np.arange(len(self.weights))
        below, above = np.cumsum(self.weights), np.cumsum(self.weights[::-1])[::-1]
        inside = numbers[(below > LEVEL / 2) & (above > LEVEL / 2)]
        mean = float(self.weights @ numbers / self.weights.sum())
        return Expected(round(mean / n, 12), float(inside[0]) / n, float(inside[-1]) / n)


def exactly(value: float) -> Expected:
    """Return an expectation that leaves nothing to chance."""
    return Expected(value, value, value)


def binomial(n: int, p: float) -> Counts:
    """Return the number of hits in `n` trials of probability `p`."""
    if p in (0, 1):
        return Counts(round(n * p), np.ones(1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])  # ln i!
    i = np.arange(n + 1)
    return Counts(0, np.exp(logs[n] - logs - logs[::-1] + i * np.log(p) + (n - i) * np.log1p(-p)))


def differences(n: int, p: float) -> Counts:
    """Return the sum of `n` numbers that are 1 or -1 with probability `p` each, else 0."""
    return reduce(Counts.__add__, [Counts(-1, np.array([p, 1 - 2 * p, p]))] * n)


def mixture(parts: Sequence[tuple[float, Counts]]) -> Counts:
    """Return the distribution that is each of `parts` with its probability."""
    first = min(counts.first for _, counts in parts)
    last = max(counts.first + len(counts.weights) for _, counts in parts)
    weights = np.zeros(last - first)
    for share, counts in parts:
        weights[counts.first - first :][: len(counts.weights)] += share * counts.weights
    return Counts(first, weights)


def width(variance: float, *, relative: float, n: int, resamples: int) -> Expected:
    """Return the width of the 95% percentile interval of a mean of `n` numbers in -1..1 of this `variance`.

    Twice 1.96 standard errors, by the normal approximation. Chance enters through the sample's own variance, whose
    standard deviation is `relative` of it (half of that in the width); through the ends, quantiles of `resamples`
    numbers (standard error sqrt(q (1 - q) / resamples) over the density at q, each); and the ends lie on a grid of
    1/n, half a step each.
    """
    normal = NormalDist()
    z = normal.inv_cdf(0.975)
    value = 2 * z * np.sqrt(variance / n)
    ends = np.sqrt(2 * 0.025 * 0.975 / resamples) / normal.pdf(z) / (2 * z)
    off = -normal.inv_cdf(LEVEL / 2) * np.hypot(relative / 2, ends) * value + 1 / n
    return Expected(float(value), float(value - off), float(value + off))
