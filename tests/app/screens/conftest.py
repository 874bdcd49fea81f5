"""What Overview sees, where there is no audit."""

import pytest

from dejavu_tui.workflows.overview import Overview
from tests.app.overviews import fake_overview
from tests.app.screens.on_overview import pretend


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Overview:
    found = fake_overview()
    pretend(monkeypatch, found)
    return found
