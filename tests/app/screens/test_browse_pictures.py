"""The browse screen as it was when it was last looked at and found good."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from dejavu_tui.listing.tags import TagFile
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import pictures, screen, until

SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("textual-dark", "textual-light")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40", "200x60"])
def test_browse(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    view = fake_view(tmp_path, side=8)
    app = app_on(view)
    TagFile(tmp_path).tag(app.desk.listed[2:4].tolist(), tag="ok")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        await until(pilot, lambda: bool(app.desk.tags))
        await pilot.press("down", "space", "v", "down")
        await pictures(pilot)

    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize(
    "keys",
    [("c",), ("g", "x", "enter"), ("slash", "x", "q", "enter"), ("slash", *"conff>1", "enter"), ("V",), ("plus",)],
    ids=["classes", "refused", "empty", "complaint", "views", "zoom"],
)
def test_over_the_screen(snap_compare: Any, tmp_path: Path, keys: tuple[str, ...]) -> None:
    app = app_on(fake_view(tmp_path, side=8), mode="none")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        await pictures(pilot)
        await pilot.press(*keys)
        if keys == ("V",):
            await until(pilot, lambda: app.screen is not screen(app))
        await pilot.pause()
        if keys == ("plus",):
            await pictures(pilot)
        for line in app.screen.query(Input):
            line.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=settle)


def test_narrow(snap_compare: Any, tmp_path: Path) -> None:
    app = app_on(fake_view(tmp_path, side=8))

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("tab", "tab")
        await pictures(pilot)

    assert snap_compare(app, terminal_size=(50, 20), run_before=settle)
