"""An app on Overview, of an audit or of what is pretended to be seen of one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.overview import OverviewScreen
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workflows.overview import Overview
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.waiting import until

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, OverviewScreen], Awaitable[None]]
SEEN = "dejavu_tui.app.acts.lookout"


def pretend(monkeypatch: pytest.MonkeyPatch, seen: Overview, *, said: str | None = None) -> None:
    """Let `seen` be what is seen of any audit."""
    monkeypatch.setattr(f"{SEEN}.holdings", lambda _: replace(seen, scores=seen.scores.clear()))
    monkeypatch.setattr(f"{SEEN}.overview", lambda _, **__: seen)
    monkeypatch.setattr(f"{SEEN}.quote", lambda _: said)


def on_fakes(view: BrowseView, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app_on(view, mode="none", start="overview").run_test(size=size) as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


def on_audit(audit: Audit, act: Act) -> None:
    async def go() -> None:
        async with make_app(audit, open_view(audit), mode="none", start="overview").run_test() as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


async def settled(pilot: Pilots) -> OverviewScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, OverviewScreen)
    await until(pilot, lambda: screen.seen is not None and not screen._lookout.counting)
    await pilot.pause()
    return screen


def facts(screen: OverviewScreen) -> str:
    return str(screen.query_one("#facts", Static).content)
