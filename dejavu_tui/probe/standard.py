"""Features standardised on the probe's training set, read in blocks so that they may be larger than memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

BLOCK = 1024
"""Rows taken at a time. It is fixed: how rows are grouped may decide the last bits of a sum."""


@dataclass(frozen=True)
class Standard:
    """`mean` (d,) of each feature and `scale` (d,), one over its standard deviation.

    The scale of a feature whose values are all equal to within float32 rounding is 0: nothing is read off noise.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.float32]) -> "Standard":
        """Return mean and scale of `features` (n >= 1, d)."""
        rows, low, high = len(features), features[0].copy(), features[0].copy()
        total = np.zeros(features.shape[1])
        for _, block in _blocks(features, range(rows)):
            np.minimum(low, block.min(axis=0), out=low)
            np.maximum(high, block.max(axis=0), out=high)
            total += block.sum(axis=0, dtype=np.float64)
        mean, squares = total / rows, np.zeros(features.shape[1])
        for _, block in _blocks(features, range(rows)):
            squares += np.square(block - mean).sum(axis=0)
        noise = 4 * np.finfo(np.float32).eps * np.maximum(np.abs(low), np.abs(high))
        varies = high.astype(np.float64) - low > noise
        scale = np.zeros_like(mean)
        scale[varies] = 1 / np.sqrt(squares[varies] / rows)
        return cls(mean, scale)

    def blocks(self, features: NDArray[np.float32], rows: range) -> Iterator[tuple[slice, Tensor]]:
        """Yield `rows` of `features` (n, d), standardised, float64 (m <= BLOCK, d), and where they are."""
        for place, block in _blocks(features, rows):
            yield place, torch.from_numpy((block - self.mean) * self.scale)


def _blocks(features: NDArray[np.float32], rows: range) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    for start in range(rows.start, rows.stop, BLOCK):
        place = slice(start, min(start + BLOCK, rows.stop))
        yield place, features[place]
