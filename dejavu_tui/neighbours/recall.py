"""How many of the true neighbours a search finds."""

import numpy as np
from numpy.typing import NDArray


def recall(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """Return the share of the `exact` neighbours (n, k), n >= 1, that are among those `found` (n, k)."""
    hits = [np.isin(row, other).sum() for row, other in zip(exact, found, strict=True)]
    return float(np.sum(hits)) / exact.size
