"""The overview as it was when it was last looked at and found good."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.fakes import app_on, fake_view
from tests.app.screens.on_overview import Pilots, settled


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "x".join(map(str, size)))
@pytest.mark.usefixtures("seen")
def test_overview(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, draw=False), mode="none", start="overview")

    async def settle(pilot: Pilots) -> None:
        app.theme = theme
        await settled(pilot)
        await pilot.press("left")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
