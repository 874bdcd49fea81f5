import pytest
import torch

from dejavu_tui.encoders.learners.correlation import off_diagonal


@pytest.mark.parametrize("d", [1, 2, 5])
def test_all_entries_but_the_diagonal_row_by_row(d: int) -> None:
    matrix = torch.arange(float(d * d)).view(d, d)
    rows = matrix.tolist()
    assert off_diagonal(matrix).tolist() == [rows[i][j] for i in range(d) for j in range(d) if i != j]
    assert off_diagonal(matrix.T).tolist() == [rows[j][i] for i in range(d) for j in range(d) if i != j]
