"""The app at the keyboard, whichever screen is in front."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp

Act = Callable[[Pilot[tuple[int, ...]]], Awaitable[None]]


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (100, 30)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot)

    asyncio.run(go())
