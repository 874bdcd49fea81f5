"""A view that a test may write beside."""

from pathlib import Path

import pytest

from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view


@pytest.fixture
def own(tmp_path: Path) -> BrowseView:
    """A view whose audit folder this test may write into."""
    return fake_view(tmp_path, draw=False)
