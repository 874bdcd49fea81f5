import numpy as np

from dejavu_tui.neighbours.recall import recall


def test_share_of_the_true_neighbours() -> None:
    exact = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    assert recall(exact[:, ::-1], exact) == 1
    assert recall(np.array([[1, 2, 9, 10], [5, 6, 7, 9]]), exact) == 5 / 8
