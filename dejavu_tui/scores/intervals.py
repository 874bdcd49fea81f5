"""Percentile bootstrap of the déjà vu score over images (METHOD 2.6)."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.scores.accuracy import Ranking, at_cut, cut, ranking
from dejavu_tui.scores.answers import Answers
from dejavu_tui.seeds import generator

LEVEL = 0.95


def bootstrap(
    answers: Answers, percents: NDArray[np.int64], *, resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the déjà vu score (resamples, p) in each resample of the n >= 1 images of one direction.

    An image is drawn with both encoders' answers. Each encoder's top p% is selected anew in every resample, by
    its own confidence, with the expectation over ties at the cut.
    """
    n = len(answers)
    kept = cut(n, percents)
    target, reference = ranking(answers.target_confidence), ranking(answers.reference_confidence)
    target_cell, reference_cell = _cells(target, answers.target_hit), _cells(reference, answers.reference_hit)
    scores = np.empty((resamples, len(percents)))
    for resample in range(resamples):
        drawn = rng.integers(n, size=n, dtype=np.int64)
        scores[resample] = _accuracy(target_cell[drawn], target.blocks, kept)
        scores[resample] -= _accuracy(reference_cell[drawn], reference.blocks, kept)
    return scores


def resampling(answers: Answers, *, seed: int) -> np.random.Generator:
    """Return the generator for the images of `answers`: it follows the images, whichever part they are called."""
    ids = np.ascontiguousarray(answers.image_ids, dtype="<i8")
    return generator(seed, "bootstrap", hashlib.sha256(ids.tobytes()).hexdigest())


def interval(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper ends (p,) of the 95% percentile interval of resampled `scores` (resamples, p)."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(scores, [tail, 1 - tail], axis=0)
    return low, high


def _cells(ranked: Ranking, hit: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Number each image's (block, hit or not), so that one count over a resample yields both."""
    return (ranked.block * 2 + hit).astype(np.int32)


def _accuracy(cells: NDArray[np.int32], blocks: int, kept: NDArray[np.int64]) -> NDArray[np.float64]:
    table = np.bincount(cells, minlength=2 * blocks).reshape(blocks, 2)  # (blocks, miss and hit)
    return at_cut(table.sum(axis=1), table[:, 1], kept)[0]
