from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.scores.accuracy import accuracy_at, cut
from dejavu_tui.scores.answers import Answers
from tests import oracles
from tests.scores.strategies import answers, reordered

ALL = np.arange(1, 101)


@given(answers())
def test_every_percent_is_the_oracles(one: Answers) -> None:
    found, ties = accuracy_at(one.target_confidence, one.target_hit, ALL)
    for i, percent in enumerate(ALL.tolist()):
        expected, block = oracles.accuracy(one.target_confidence.tolist(), one.target_hit.tolist(), percent)
        assert found[i] == pytest.approx(float(expected), abs=1e-12)
        assert ties[i] == block


@given(answers(), st.randoms())
def test_no_order_of_the_images_changes_a_number(one: Answers, random: Random) -> None:
    order = list(range(len(one)))
    random.shuffle(order)
    other = reordered(one, np.array(order))
    here = accuracy_at(one.target_confidence, one.target_hit, ALL)
    there = accuracy_at(other.target_confidence, other.target_hit, ALL)
    assert np.array_equal(here[0], there[0])
    assert np.array_equal(here[1], there[1])


def test_cut_keeps_at_least_one_and_counts_in_integers() -> None:
    assert cut(3, np.array([1, 33, 34, 66, 67, 100])).tolist() == [1, 1, 1, 1, 2, 3]
    assert cut(300, np.array([1, 5, 20])).tolist() == [3, 15, 60]


def test_the_block_at_the_cut_counts_with_its_mean() -> None:
    confidence = np.array([0.0, -1.0, -1.0, -1.0, -1.0])
    hit = np.array([True, True, False, False, False])
    found, ties = accuracy_at(confidence, hit, np.array([20, 40, 60]))
    assert found.tolist() == [1.0, (1 + 0.25) / 2, (1 + 0.5) / 3]
    assert ties.tolist() == [1, 4, 4]
