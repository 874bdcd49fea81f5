import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dejavu_tui.errors import RequestError
from dejavu_tui.inference import votes as counting
from dejavu_tui.inference.votes import GUESSES, MAX_K, tally
from tests import oracles

NEIGHBOURS = hnp.arrays(
    np.int64,
    st.tuples(st.integers(1, 6), st.integers(1, 12)),
    elements=st.integers(0, 6),
)


@settings(deadline=None)
@given(NEIGHBOURS)
def test_guesses_and_counts_are_the_oracles(labels: NDArray[np.int64]) -> None:
    votes = tally(labels)
    for row, guesses, counts in zip(labels.tolist(), votes.guesses.tolist(), votes.counts.tolist(), strict=True):
        expected = oracles.guesses(row)
        assert [guess for guess in guesses if guess >= 0] == expected[:GUESSES]
        assert [count for count in counts if count] == [row.count(label) for label in expected]


@settings(deadline=None)
@given(NEIGHBOURS, st.permutations(range(7)))
def test_class_numbers_decide_nothing(labels: NDArray[np.int64], renamed: list[int]) -> None:
    names = np.array(renamed)
    guesses = tally(labels).guesses
    assert (tally(names[labels]).guesses == np.where(guesses < 0, -1, names[guesses])).all()


def test_equal_counts_go_to_the_smaller_summed_rank_then_to_the_nearer_first_neighbour() -> None:
    assert tally(np.array([[5, 2, 2, 5, 7]])).guesses[0].tolist() == [5, 2, 7, -1, -1]
    assert tally(np.array([[9, 3, 3, 9]])).guesses[0, 0] == 9  # summed ranks 3 and 3: the nearest voter decides
    assert tally(np.array([[9, 3, 3, 4, 9]])).guesses[0, 0] == 3


def test_more_rows_than_a_block_and_unequal_widths() -> None:
    rng = np.random.default_rng(1)
    labels = np.concatenate([np.zeros((9000, 8), np.int64), rng.integers(0, 50, (100, 8))])
    votes = tally(labels)
    assert votes.counts.sum(axis=1).tolist() == [8] * 9100
    expected = [oracles.guesses(row)[0] for row in labels[9000:].tolist()]
    assert votes.guesses[9000:, 0].tolist() == expected


@pytest.mark.parametrize("classes", [3, 1000, 2**28])
@pytest.mark.parametrize("k", [100, 181, 182, 400])
def test_many_voters_and_labels_of_any_size(k: int, classes: int) -> None:
    labels = np.random.default_rng(k).zipf(1.3, (40, k)) % classes
    votes = tally(labels)
    for row, guesses, counts in zip(labels.tolist(), votes.guesses.tolist(), votes.counts.tolist(), strict=True):
        expected = oracles.guesses(row)
        assert [guess for guess in guesses if guess >= 0] == expected[:GUESSES]
        assert [count for count in counts if count] == [row.count(label) for label in expected]


def test_neither_threads_nor_blocks_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.random.default_rng(0).integers(0, 9, (1000, 20))
    found = []
    for threads, voters in ((1, 10**6), (2, 40), (7, 333)):
        monkeypatch.setattr(counting, "THREADS", threads)
        monkeypatch.setattr(counting, "_VOTERS", voters)
        found.append(tally(labels))
    for other in found[1:]:
        assert np.array_equal(other.guesses, found[0].guesses)
        assert np.array_equal(other.counts, found[0].counts)


def test_hits_within_a_label_rank() -> None:
    votes = tally(np.array([[1, 1, 1, 2, 2, 3]]))
    assert [bool(votes.hits(np.array([2]), rank=rank)[0]) for rank in (1, 2, 5)] == [False, True, True]
    assert not votes.hits(np.array([4]), rank=5)[0]


def test_no_images_is_an_empty_vote() -> None:
    assert tally(np.empty((0, 3), np.int64)).guesses.shape == (0, GUESSES)


@pytest.mark.parametrize("k", [0, MAX_K + 1])
def test_k_that_cannot_be_counted_is_refused(k: int) -> None:
    with pytest.raises(RequestError):
        tally(np.zeros((1, k), np.int64))


def test_largest_k_does_not_overflow() -> None:
    labels = np.zeros((1, MAX_K), np.int64)
    labels[0, -1] = 1
    votes = tally(labels)
    assert votes.guesses[0, :2].tolist() == [0, 1]
    assert votes.counts[0].tolist() == [MAX_K - 1, 1]
