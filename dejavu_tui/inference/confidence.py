"""KNNconf: the negative entropy of a vote (paper section 3, METHOD sections 1 and 3)."""

import numpy as np
from numpy.typing import NDArray

DECIMALS = 12
"""Confidences are equal if they agree to so many decimals: different counts can have the same entropy."""


def confidence(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return sum p ln p with p = count / k for each row of `counts` (n, c), in nats, from -ln k to 0.

    Each row holds the votes of its labels, most first, then zeros; the rows sum to the same k. The sum runs in
    that order, so equal counts give equal floats whatever the labels, and is rounded to 12 decimals.
    """
    n = len(counts)
    if n == 0:
        return np.empty(0)
    k = int(counts[0].sum())
    shares = np.arange(1, k + 1) / k
    terms = np.concatenate([[0.0], shares * np.log(shares)])
    total = np.zeros(n)
    for column in counts.T:
        total += terms[column]
    return np.round(total, DECIMALS) + 0.0  # never -0.0
