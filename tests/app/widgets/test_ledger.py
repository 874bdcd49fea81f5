"""Columns for every width."""

from typing import Any

import pytest

from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words.classlines import CLASS_COLUMNS
from dejavu_tui.app.words.runlines import RUN_COLUMNS


@pytest.mark.parametrize(("columns", "arrow"), [(CLASS_COLUMNS, 1), (RUN_COLUMNS, 0)], ids=["classes", "runs"])
def test_at_every_width_columns_fit_and_no_heading_is_cut(columns: Any, arrow: int) -> None:
    """`arrow`: cells that the sign of the order takes beside a heading."""
    ledger: Ledger[Any] = Ledger(columns, id="any")
    former = 0
    for width in range(40, 251):
        found = ledger.fitting(width)
        assert 2 + sum(cells for _, cells in found) + 2 * (len(found) - 1) < width
        assert all(len(column.headings[-1]) + arrow <= cells for column, cells in found)
        assert found[0][1] >= 6
        assert len(found) >= former
        former = len(found)
    assert former == len(columns)
