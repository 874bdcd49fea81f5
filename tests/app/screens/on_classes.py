"""An app on Classes, and what is told there."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.classes import ClassesScreen
from dejavu_tui.listing.places import of_field
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, ClassesScreen], Awaitable[None]]


def drive(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = pilot.app.screen_stack[0]
            assert isinstance(screen, ClassesScreen)
            await act(pilot, screen)

    asyncio.run(go())


def on(view: BrowseView, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    drive(app_on(view, mode="none", start="classes"), act, size=size)


def told(screen: ClassesScreen, part: str) -> str:
    return str(screen.query_one(f"#{part}", Static).content)


def names(screen: ClassesScreen) -> list[str]:
    return [line.name for line in screen.ledger.rows]


def asked(screen: ClassesScreen, field: str) -> tuple[str, ...]:
    return of_field(screen.desk.listing.filter, field)
