"""An app on Map, and what is told there."""

import asyncio
from collections.abc import Awaitable, Callable

import polars as pl
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.map import MapScreen
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, MapScreen], Awaitable[None]]
ALL = Listing(parse(""), sort="conf", descending=True)


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = app.screen_stack[0]
            assert isinstance(screen, MapScreen)
            await act(pilot, screen)

    asyncio.run(go())


def on(view: BrowseView, *, listing: Listing = ALL) -> DejavuApp:
    return app_on(view, start="map", listing=listing)


def told(screen: MapScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).content)


def row_of(screen: MapScreen) -> dict[str, float]:
    return screen.desk.view.samples.row(by_predicate=pl.col("image_id") == screen.desk.image_id, named=True)
