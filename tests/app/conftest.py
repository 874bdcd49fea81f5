"""One view for all tests of the screens, and what it takes to wait for the pictures."""

from pathlib import Path

import pytest

from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view


@pytest.fixture(scope="session")
def view(tmp_path_factory: pytest.TempPathFactory) -> BrowseView:
    return fake_view(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def folder(view: BrowseView) -> Path:
    """Where the pictures of `view` are."""
    return view.source
