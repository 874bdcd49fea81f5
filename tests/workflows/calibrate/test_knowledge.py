"""What X votes on planted answers, computed from the embeddings that the module's docstring states."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dejavu_tui.workflows.calibrate.knowledge import sure, torn, vague
from dejavu_tui.workflows.calibrate.pictures import CLASSES, SHADES, K
from tests import oracles

PUBLIC = 46


@pytest.fixture(params=range(5))
def public(request: pytest.FixtureRequest) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """46 images of each class at r e_c, r of 46 of the 216 shades."""
    rng = np.random.default_rng(request.param)
    labels = np.repeat(np.arange(len(CLASSES)), PUBLIC)
    radius = np.concatenate([rng.permutation(np.linspace(1, 1.4, len(SHADES)))[:PUBLIC] for _ in CLASSES])
    return radius[:, None] * np.eye(len(CLASSES))[labels], labels


def voters(answer: NDArray[np.float64], public: tuple[NDArray[np.float64], NDArray[np.int64]]) -> list[int]:
    vectors, labels = public
    near = np.argsort(np.square(vectors - answer).sum(axis=1), kind="stable")[:K]
    return [int(label) for label in labels[near]]


Public = tuple[NDArray[np.float64], NDArray[np.int64]]


def test_who_is_sure_gets_all_votes(public: Public) -> None:
    for label in range(len(CLASSES)):
        assert set(voters(sure(np.array([label]))[0], public)) == {label}


def test_who_is_torn_gets_votes_of_both_and_of_nobody_else(public: Public) -> None:
    for one in range(len(CLASSES)):
        for other in set(range(len(CLASSES))) - {one}:
            votes = voters(torn(np.array([one]), np.array([other]))[0], public)
            assert set(votes) == {one, other}
            assert votes == voters(torn(np.array([other]), np.array([one]))[0], public)


def test_who_is_vague_guesses_the_class_it_leans_to_and_is_less_confident_than_who_is_torn(public: Public) -> None:
    answers = vague(400, np.random.default_rng(1))
    found = [voters(answer, public) for answer in answers]
    guesses = np.array([oracles.guesses(votes)[0] for votes in found])
    assert np.mean(guesses == answers.argmax(axis=1)) > 0.99
    torn_between = [
        oracles.confidence(voters(torn(np.array([one]), np.array([other]))[0], public))
        for one in range(8)
        for other in range(one)
    ]
    confidences = [oracles.confidence(votes) for votes in found]
    assert max(confidences) < min(torn_between) <= max(torn_between) < 0
    assert len(set(confidences)) > 20
