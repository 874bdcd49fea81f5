"""An app on Wall, and what hangs there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.wall import WallScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.waiting import until

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, WallScreen], Awaitable[None]]
ALL = Listing(parse(""), sort="conf", descending=True)


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            screen = app.screen_stack[0]
            assert isinstance(screen, WallScreen)
            await hung(pilot, screen)
            await act(pilot, screen)

    asyncio.run(go())


async def hung(pilot: Pilots, screen: WallScreen) -> None:
    """Wait until the page is there."""
    await pilot.pause()
    await until(pilot, lambda: hangs(screen))
    await pilot.pause()


def hangs(screen: WallScreen) -> bool:
    asked = [picture._asked[0] if picture._asked else None for picture in seen(screen)]
    there = not any(picture.waiting for picture in seen(screen))
    return there and asked == [thumbnail.path for thumbnail in screen.tiles.thumbnails]


def on(view: BrowseView, *, listing: Listing = ALL, **options: Any) -> DejavuApp:
    return app_on(view, start="wall", listing=listing, **options)


def seen(screen: WallScreen) -> list[Picture]:
    return [picture for picture in screen.query(Picture) if picture.region.area][: len(screen.tiles.thumbnails)]


def ids(screen: WallScreen) -> list[int]:
    return [thumbnail.image_id for thumbnail in screen.tiles.thumbnails]
