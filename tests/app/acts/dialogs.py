"""An app on Browse, its dialogs answered at the keyboard."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot
from textual.widgets import Input, Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.browse import BrowseView
from tests.app.waiting import screen, until

Act = Callable[[Pilot[tuple[int, ...]], BrowseScreen], Awaitable[None]]


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot, screen(app))

    asyncio.run(go())


def selected(shown: BrowseScreen) -> list[int]:
    return list(shown.desk.selected)


def tags(view: BrowseView) -> dict[int, frozenset[str]]:
    return dict(TagFile(view.source).read().of)


def cell(shown: BrowseScreen, row: int) -> str:
    return str(shown.query_one(SampleTable).get_row_at(row)[0].plain)


async def asked(pilot: Pilot[tuple[int, ...]], question: str) -> None:
    """Wait for the dialog that asks so."""

    def there() -> bool:
        return any(question in str(found.content) for found in pilot.app.screen.query(".question").results(Static))

    await until(pilot, there)
    await pilot.pause()


async def type_in(pilot: Pilot[tuple[int, ...]], text: str) -> None:
    """Write `text` into the open prompt and press enter."""
    await until(pilot, lambda: bool(pilot.app.screen.query(Input)))
    line = pilot.app.screen.query_one(Input)
    line.value = text
    line.cursor_position = len(text)
    await pilot.press("enter")
    await pilot.pause()
