"""An app on Browse, and what it lists."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.listing.places import OPENING, of_field, places
from dejavu_tui.workflows.browse import BrowseView
from tests.app.waiting import screen

Act = Callable[[Pilot[tuple[int, ...]], DejavuApp], Awaitable[None]]


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot, app)

    asyncio.run(go())


def listed(app: DejavuApp) -> list[int]:
    shown = screen(app)
    return shown.desk.view.samples["image_id"].to_numpy()[shown.desk.places].tolist()  # type: ignore[no-any-return]


def opening(view: BrowseView) -> list[int]:
    return places(view.samples, OPENING, names=view.label_names, tags={}).tolist()  # type: ignore[no-any-return]


def asked(app: DejavuApp, field: str) -> tuple[str, ...]:
    return of_field(app.desk.listing.filter, field)
