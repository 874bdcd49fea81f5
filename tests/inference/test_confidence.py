import math
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.inference.confidence import confidence
from dejavu_tui.inference.votes import tally
from tests import oracles


@settings(deadline=None)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_is_the_oracles(labels: list[int]) -> None:
    assert confidence(tally(np.array([labels])).counts)[0] == oracles.confidence(labels)


@settings(deadline=None)
@given(st.lists(st.integers(0, 8), min_size=2, max_size=40), st.randoms())
def test_equal_counts_give_equal_floats(labels: list[int], random: Random) -> None:
    mixed = [(label * 5) % 9 for label in labels]
    random.shuffle(mixed)
    one, other = (confidence(tally(np.array([row])).counts)[0] for row in (labels, mixed))
    assert one == other


def test_range() -> None:
    counts = np.array([[4, 0, 0, 0], [1, 1, 1, 1]])
    assert confidence(counts).tolist() == [0.0, round(-math.log(4), 12)]
    assert math.copysign(1, confidence(counts)[0]) == 1


def test_different_counts_of_equal_entropy_tie() -> None:
    # 4 ln 4 = 4 * 2 ln 2, so both have sum p ln p = -2 ln 2
    found = confidence(np.array([[4, 1, 1, 1, 1], [2, 2, 2, 2, 0]]))
    assert found[0] == found[1] == round(-2 * math.log(2), 12)


def test_padding_changes_nothing() -> None:
    counts = np.array([[5, 3, 2, 1]])
    assert confidence(counts)[0] == confidence(np.pad(counts, ((0, 0), (0, 30))))[0]


def test_no_images() -> None:
    assert confidence(np.empty((0, 1), np.int64)).shape == (0,)
