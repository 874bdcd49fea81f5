"""An audit on Compare, and its strip of points."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.app.widgets.strip import PointStrip
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit
from tests.app.waiting import until

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, CompareScreen], Awaitable[None]]


def compare(audit: Audit, act: Act, *, size: tuple[int, int] = (80, 24), mode: Mode = "none") -> None:
    async def go() -> None:
        app = make_app(audit, open_view(audit), mode=mode, start="compare")
        async with app.run_test(size=size) as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


async def settled(pilot: Pilots) -> CompareScreen:
    """The screen, when the course of the image has come, or why there is none."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, CompareScreen)
    await pilot.pause()

    def there() -> bool:
        found = screen.course and screen.course.found
        mine = found and found.image_id == screen.desk.image_id and found.over == screen.tracing.over
        return bool(mine or screen.has_class("-nothing"))

    await until(pilot, there)
    await asyncio.sleep(0.1)
    await pilot.pause()
    return screen


def strip(screen: CompareScreen) -> list[str]:
    return str(screen.query_one(PointStrip).content).split("\n")
