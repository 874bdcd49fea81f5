"""Waiting for what comes from threads."""

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.picture import Picture


async def until(pilot: Pilot[tuple[int, ...]], true: Callable[[], bool], *, seconds: float = 10) -> None:
    """Let the app go on until `true()`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        await pilot.pause()
        await asyncio.sleep(0.01)


def screen(app: DejavuApp) -> BrowseScreen:
    found = app.screen_stack[0]
    assert isinstance(found, BrowseScreen)
    return found


async def pictures(pilot: Pilot[tuple[int, ...]]) -> None:
    """Wait until the cursor has come to rest and every picture in sight is there."""
    await asyncio.sleep(0.1)
    shown = screen(app_of(pilot))

    def there() -> bool:
        seen = [picture for picture in shown.query(Picture) if picture.region.area and picture._asked is not None]
        expected = shown.sample is not None and shown.query_one("#detail").display
        return bool(seen or not expected) and not any(picture.waiting for picture in seen)

    await until(pilot, there)
    await pilot.pause()


def app_of(pilot: Pilot[tuple[int, ...]]) -> DejavuApp:
    app = pilot.app
    assert isinstance(app, DejavuApp)
    return app
