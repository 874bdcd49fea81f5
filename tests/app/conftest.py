"""One view for all tests of the screens, and what it takes to wait for the pictures."""

from pathlib import Path

import pytest

from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import fake_view
from tests.data.planted import planted_audit


@pytest.fixture(scope="session")
def view(tmp_path_factory: pytest.TempPathFactory) -> BrowseView:
    return fake_view(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def folder(view: BrowseView) -> Path:
    """Where the pictures of `view` are."""
    return view.source


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """A small whole audit, scored at all its epochs; tests that write into it take a copy."""
    audit = planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={10: 0.2, 20: 0.9})
    for epoch in (10, 20):
        open_view(audit, epoch=epoch)
    return audit
