"""What losses ask of a correlation or covariance matrix."""

from torch import Tensor


def off_diagonal(matrix: Tensor) -> Tensor:
    """Return the entries, (d * (d - 1)), of a square matrix (d, d) that are not on its diagonal, row by row.

    By their places: a mask, as lightly's losses take it, costs several times as much, forward and backward.
    """
    d = len(matrix)
    # Without the last entry, rows of d + 1 begin with a diagonal one each.
    return matrix.flatten()[:-1].view(d - 1, d + 1)[:, 1:].flatten()
