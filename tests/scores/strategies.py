"""Answers of two encoders, with few distinct confidences so that ties stand everywhere."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.scores.answers import Answers
from tests import oracles


@st.composite
def answers(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 30) -> Answers:
    n = draw(st.integers(min_size, max_size))
    levels = draw(st.sampled_from([1, 3, 50]))
    confidences = st.lists(st.integers(-levels, 0), min_size=n, max_size=n)
    hits = st.lists(st.booleans(), min_size=n, max_size=n)
    return Answers(
        np.array(draw(confidences), float),
        np.array(draw(hits), bool),
        np.array(draw(confidences), float),
        np.array(draw(hits), bool),
    )


def reordered(one: Answers, order: NDArray[np.int64]) -> Answers:
    return Answers(
        one.target_confidence[order],
        one.target_hit[order],
        one.reference_confidence[order],
        one.reference_hit[order],
    )


def swapped(one: Answers) -> Answers:
    """The same images with target and reference encoder exchanged."""
    return Answers(one.reference_confidence, one.reference_hit, one.target_confidence, one.target_hit)


def differ(one: Answers) -> bool:
    """Whether the encoders score differently at some p, so that exchanging them changes something."""
    answered = (one.target_confidence, one.target_hit, one.reference_confidence, one.reference_hit)
    target, hit, reference, other_hit = (column.tolist() for column in answered)
    return any(oracles.score(target, hit, reference, other_hit, percent) for percent in range(1, 101))
