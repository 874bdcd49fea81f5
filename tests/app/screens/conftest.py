"""What Overview sees where there is no audit, and an audit that Query can ask."""

import pytest

from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workflows.overview import Overview
from dejavu_tui.workflows.query import query
from dejavu_tui.workspace import Audit
from tests.app.overviews import fake_overview
from tests.app.screens.on_overview import pretend
from tests.data.planted import planted_audit


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Overview:
    found = fake_overview()
    pretend(monkeypatch, found)
    return found


@pytest.fixture(scope="package")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """An audit with the index at its last epoch, and an epoch without."""
    made = planted_audit(tmp_path_factory.mktemp("indexed"), images=14, attacked=3, memory={10: 0.0, 20: 1.0})
    for epoch in (10, 20):
        open_view(made, epoch=epoch)
    query(made, made.source / made.images["path"][0])
    return made
