"""Answers of two encoders, with few distinct confidences so that ties stand everywhere."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.scores.answers import Answers


@st.composite
def answers(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 30) -> Answers:
    n = draw(st.integers(min_size, max_size))
    levels = draw(st.sampled_from([1, 3, 50]))
    confidences = st.lists(st.integers(-levels, 0), min_size=n, max_size=n)
    hits = st.lists(st.booleans(), min_size=n, max_size=n)
    return Answers(
        np.sort(np.random.default_rng(draw(st.integers(0, 9))).permutation(1000)[:n]),
        np.array(draw(confidences), float),
        np.array(draw(hits), bool),
        np.array(draw(confidences), float),
        np.array(draw(hits), bool),
    )


def reordered(one: Answers, order: NDArray[np.int64]) -> Answers:
    return Answers(
        one.image_ids[order],
        one.target_confidence[order],
        one.target_hit[order],
        one.reference_confidence[order],
        one.reference_hit[order],
    )


def swapped(one: Answers) -> Answers:
    """The same images with target and reference encoder exchanged."""
    return Answers(
        one.image_ids, one.reference_confidence, one.reference_hit, one.target_confidence, one.target_hit
    )
