import numpy as np
import pytest

from dejavu_tui.probe.classifier import Classifier
from dejavu_tui.probe.standard import Standard


def classifier(*weights: float, classes: tuple[int, ...]) -> Classifier:
    standard = Standard(np.zeros(1), np.ones(1))
    return Classifier(standard, np.array(classes), np.array([weights]), np.zeros(len(classes)))


def test_accuracy_is_the_share_of_the_right_class() -> None:
    features = np.array([[1], [1], [-1], [-1]], np.float32)
    assert classifier(1.0, -1.0, classes=(9, 4)).accuracy(features, np.array([9, 4, 4, 4])) == 0.75


def test_a_tie_is_an_even_chance() -> None:
    found = classifier(1.0, 1.0, -1.0, classes=(0, 1, 2))
    assert found.accuracy(np.ones((2, 1), np.float32), np.array([0, 1])) == 0.5
    assert found.accuracy(np.zeros((3, 1), np.float32), np.array([0, 1, 2])) == pytest.approx(1 / 3)


def test_a_class_that_was_not_trained_on_is_never_right() -> None:
    found = classifier(1.0, -1.0, classes=(3, 5))
    for strange in (0, 4, 6):
        assert found.accuracy(np.ones((2, 1), np.float32), np.array([3, strange])) == 0.5
