"""What the user is told: one thing at a time, in two lines at most, never over a dialog, gone at the next key."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from dejavu_tui.app import notices
from dejavu_tui.app.application import DejavuApp
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.waiting import until

Act = Callable[[Pilot[tuple[int, ...]]], Awaitable[None]]
LONG = f"/home/{'somewhere/' * 12}settings.toml: epochs is no number; restore it from a copy or remove it"


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            await act(pilot)

    asyncio.run(go())


def told(app: DejavuApp) -> list[str]:
    return [str(toast.render()) for toast in app.screen.query(Toast) if toast.region.area]


def test_one_thing_is_told_at_a_time_and_a_key_leads_to_the_next(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        for text in ("first", "second", "first", "second", "third"):
            app.front.say(text)
        await until(pilot, lambda: told(app) == ["first"])
        await pilot.press("f12")
        await until(pilot, lambda: told(app) == ["second"])
        await pilot.press("f12")
        await until(pilot, lambda: told(app) == ["third"])
        await pilot.press("f12")
        await until(pilot, lambda: told(app) == [])

    run(app, act)


def test_what_a_key_has_to_say_is_seen(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        app.front.say("former")
        await pilot.press("full_stop")
        await until(pilot, lambda: told(app) == ["This is the last snapshot."])

    run(app, act)


def test_time_takes_away_what_was_told_and_tells_the_next(
    view: BrowseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown for so short a time may be gone before anybody looks: what the app tells is written down."""
    monkeypatch.setattr(notices, "_SECONDS", 0.4)
    app = app_on(view, mode="none")
    notify = app.notify
    tellings: list[tuple[str, int]] = []

    def noting(message: str, **how: Any) -> None:
        tellings.append((message, len(app._notifications)))
        notify(message, **how)

    monkeypatch.setattr(app, "notify", noting)

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        app.front.say("first")
        app.front.say("second")
        assert tellings == [("first", 0)]
        await until(pilot, lambda: tellings == [("first", 0), ("second", 0)])
        await until(pilot, lambda: told(app) == [])

    run(app, act)


def test_nothing_is_told_over_a_dialog_and_nothing_is_lost(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("question_mark")
        app.front.say("a snapshot is there")
        await pilot.press("j")
        await pilot.pause(0.1)
        assert told(app) == []
        await pilot.press("escape")
        await until(pilot, lambda: told(app) == ["a snapshot is there"])

    run(app, act)


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (59, 20), (40, 12)])
def test_it_takes_two_lines_at_most_above_the_keys(view: BrowseView, size: tuple[int, int]) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        app.front.say(LONG, bad=True)
        await until(pilot, lambda: bool(told(app)))
        (toast,) = app.screen.query(Toast)
        assert toast.region.height <= 2
        await until(pilot, lambda: toast.region.bottom == size[1] - 1)
        assert toast.region.right <= size[0]
        assert told(app)[0].startswith("/home/")
        assert told(app)[0].endswith("remove it")

    run(app, act, size=size)
