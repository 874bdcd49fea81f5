"""The map as it was when it was last looked at and found good."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.widgets.picture import Picture
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import until


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "{}x{}".format(*size))
def test_map(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, attacked=300, side=8), start="map")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        await pilot.press("a", "space", "shift+left", "shift+left", "pagedown")
        await asyncio.sleep(0.1)
        await pilot.pause()
        await until(pilot, lambda: not any(one.waiting for one in app.screen.query(Picture) if one.region.area))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
