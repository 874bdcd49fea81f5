"""The wall as it was when it was last looked at and found good."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.screens.wall import WallScreen
from dejavu_tui.listing.tags import TagFile
from tests.app.fakes import app_on, fake_view
from tests.app.screens.on_wall import hangs
from tests.app.waiting import until


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "{}x{}".format(*size))
def test_wall(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    TagFile(tmp_path).tag([21, 35], tag="odd")
    app = app_on(fake_view(tmp_path, side=8), start="wall")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        await pilot.press("a", "less_than_sign", "space", "right", "v", "right")
        await until(pilot, lambda: len(app.desk.tags) == 2)
        screen = app.screen
        assert isinstance(screen, WallScreen)
        await until(pilot, lambda: hangs(screen))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
