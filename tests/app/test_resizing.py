"""A window that changes its size, also while another screen is in front: all is written as if it had been so large
from the start.
"""

import asyncio

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import make_app
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit
from tests.app.waiting import until

Pilots = Pilot[tuple[int, ...]]
_NAMES = [screen.NAME for screen in tab_screens()]


def written(pilot: Pilots) -> list[str]:
    """Every text in sight, and where it is."""
    seen = [one for one in pilot.app.screen.query(Static) if one.region.area]
    return [f"{one.id} {one.region}: {one.content}" for one in seen if str(one.content).strip()]


async def rest(pilot: Pilots) -> list[str]:
    """What is written when nothing changes any more."""
    before: list[str] = []
    same = 0

    def still() -> bool:
        nonlocal before, same
        now = written(pilot)
        same = same + 1 if now == before and not any(one.waiting for one in pilot.app.screen.query(Picture)) else 0
        before = now
        return same > 8

    await until(pilot, still)
    return before


def after(audit: Audit, name: str, *, start: tuple[int, int], steps: list[tuple[int, int] | str]) -> list[str]:
    """What is written on the screen `name` after changes of size, and of screens, one after the other."""
    found: list[str] = []

    async def go() -> None:
        app = make_app(audit, open_view(audit), mode="none", start=name)
        async with app.run_test(size=start) as pilot:
            await rest(pilot)
            for step in steps:
                if isinstance(step, str):
                    await app.action_go(step)
                else:
                    await pilot.resize_terminal(*step)
                await rest(pilot)
            found.extend(written(pilot))

    asyncio.run(go())
    return found


@pytest.mark.parametrize("name", _NAMES)
def test_a_screen_is_the_same_however_it_came_to_its_size(planted: Audit, name: str) -> None:
    other = "map" if name != "map" else "wall"
    fresh = after(planted, name, start=(100, 30), steps=[])
    assert fresh
    assert not [line for line in fresh if line.endswith(": …")]
    assert after(planted, name, start=(59, 20), steps=[(100, 30)]) == fresh
    assert after(planted, name, start=(59, 20), steps=[other, (100, 30), name]) == fresh


def test_words_are_written_when_there_is_room_for_them_first() -> None:
    class Small(App[None]):
        def compose(self) -> ComposeResult:
            yield Fitted()

    async def go() -> None:
        app = Small()
        async with app.run_test(size=(40, 5)) as pilot:
            line = app.query_one(Fitted)
            line.display = False
            await pilot.pause()
            line.write(lambda width: Content(f"{width} cells"))
            assert not str(line.content)
            line.display = True
            await pilot.pause()
            assert str(line.content) == "40 cells"
            await pilot.resize_terminal(60, 5)
            await pilot.pause()
            assert str(line.content) == "60 cells"

    asyncio.run(go())
