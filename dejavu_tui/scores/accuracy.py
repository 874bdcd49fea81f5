"""Accuracy on the most confident share of the images, as the expectation over ties at the cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ranking:
    """Images in blocks of equal confidence: `block` (n,) is each image's, 0 the most confident of `blocks`."""

    block: NDArray[np.int64]
    blocks: int


def ranking(confidence: NDArray[np.float64]) -> Ranking:
    """Rank images by `confidence` (n,), most confident first; equal confidences share a block."""
    values, block = np.unique(-confidence, return_inverse=True)
    return Ranking(block.astype(np.int64), len(values))


def cut(n: int, percents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of `n` images the top p% are: max(1, p*n // 100) (METHOD section 3)."""
    return np.maximum(1, percents * n // 100)


def at_cut(
    sizes: NDArray[np.int64], hits: NDArray[np.int64], kept: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return accuracy on the first `kept` (p,) images and the size of the block that holds the last of them.

    `sizes` and `hits` (b,) count the images of each block and the hits among them. Of the block at the cut its
    mean accuracy counts for what remains: the expectation over every order of equal confidences.
    """
    images, right = np.cumsum(sizes), np.cumsum(hits)
    last = np.searchsorted(images, kept)  # the first block in which `kept` images are reached
    above = images[last] - sizes[last]
    expected = right[last] - hits[last] + (kept - above) * hits[last] / sizes[last]
    return expected / kept, sizes[last]


def accuracy_at(
    confidence: NDArray[np.float64], hit: NDArray[np.bool_], percents: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return accuracy (p,) on the top `percents` (p,) of n >= 1 images, and the tie block (p,) at each cut."""
    ranked = ranking(confidence)
    sizes = np.bincount(ranked.block, minlength=ranked.blocks)
    hits = np.bincount(ranked.block[hit], minlength=ranked.blocks)
    return at_cut(sizes, hits, cut(len(hit), percents))
