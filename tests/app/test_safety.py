"""No byte of a name, a label or an error drives the terminal or the markup."""

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import pictures, screen

HOSTILE = (
    "[/red]x",
    "[@click=app.leave]x[/]",
    "[bold]",
    "[/",
    "trailing\\",
    "\x1b]52;c;AAAA\x1b\\",
    "\x1b[2J\x9b31m",
    "\u202egnp.exe",
    "a\nb\tc\r\0",
    "\ud800",
)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_hostile_names_are_shown_as_they_are(tmp_path: Path, size: tuple[int, int]) -> None:
    view = fake_view(tmp_path, attacked=9, public=9, k=9, classes=HOSTILE[:9], draw=False, run="[/]\x1b[2J")

    async def go() -> None:
        app = app_on(view)
        async with app.run_test(size=size) as pilot:
            await act(pilot, app)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a")
        for _ in range(9):
            await pilot.press("down")
        await pictures(pilot)
        strips = screen(app)._compositor.render_strips()
        words = "\n".join(strip.text for strip in strips)
        assert not any((ord(ch) < 32 and ch != "\n") or 0x7F <= ord(ch) < 0xA0 or ch == "\u202e" for ch in words)
        assert "[/]\\x1b" in words
        assert "[/red]x" in words or "[@click=app" in words
        await pilot.press("c")
        await pilot.pause()
        options = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "[@click=app.leave]x[/]" in options
        assert "\\x1b]52;c;AAAA\\x1b\\" in options
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert "[@click=app" in str(screen(app).query_one(".filter").content)  # type: ignore[attr-defined]
        for notice in HOSTILE:
            screen(app).say(notice)
        await pilot.pause()
        await pilot.click("#place", offset=(4, 0))
        await pilot.press("slash", *"[/red]", "enter")
        await pilot.pause()
        assert app.is_running
        assert app.return_code is None

    asyncio.run(go())
