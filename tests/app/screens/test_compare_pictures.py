"""The compare screen as it was when it was last looked at and found good."""

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit
from tests.app.waiting import until


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
def test_compare(snap_compare: Any, planted: Audit, size: tuple[int, int], theme: str) -> None:
    app = make_app(planted, open_view(planted), start="compare")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        screen = app.screen_stack[0]
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: screen.course is not None)
        await asyncio.sleep(0.2)
        await until(pilot, lambda: not any(picture.waiting for picture in screen.query(Picture)))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
