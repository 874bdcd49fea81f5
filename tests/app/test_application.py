"""What every screen can do: keys typed ahead, windows of any size, themes, errors, and how it ends."""

import asyncio
import time

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.application import make_app
from dejavu_tui.app.errands import Came
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.on_app import run
from tests.app.reading import lines, notices, words
from tests.app.waiting import until


def test_ctrl_q_leaves_from_a_question(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("g", "ctrl+q")

    run(app, act)
    assert app.return_value == ()


@pytest.mark.parametrize("letter", [screen.LETTER.upper() for screen in tab_screens()])
def test_keys_typed_ahead_reach_the_screen_that_they_are_meant_for(planted: Audit, letter: str) -> None:
    app = make_app(planted, open_view(planted), mode="none", start="browse" if letter != "B" else "overview")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        app.simulate_key(letter)
        app.simulate_key("q")
        await until(pilot, lambda: app._exit)

    run(app, act)
    assert app.return_value == ()


def test_keys_typed_ahead_mean_the_image_that_the_cursor_is_on_by_then(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        listed = app.desk.listed[:5].tolist()
        for key in ("space", "space", "j", "space"):
            app.simulate_key(key)
        await until(pilot, lambda: len(app.desk.selected) == 3)
        assert list(app.desk.selected) == [listed[0], listed[1], listed[3]]

    run(app, act)


@pytest.mark.parametrize("key", ["question_mark", "equals_sign", "y", "colon"])
def test_what_lies_over_a_screen_survives_every_size(view: BrowseView, key: str) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not app.front)
        over = app.screen
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.screen is over
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.front)

    run(app, act)


def test_themes_of_the_terminal_are_there_and_drawn(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        for theme in ("ansi-dark", "ansi-light", "textual-light"):
            app.theme = theme
            await pilot.pause()
            assert "memorized" in words(app.screen)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: app.screen is not app.front)

    run(app, act)


def test_an_error_that_nobody_expected_ends_the_app_and_is_told(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        app.call_later(lambda: 1 // 0)
        await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        run(app, act)
    assert isinstance(app.crash, ZeroDivisionError)
    assert app.return_code == 1
    assert not app._exit_renderables


def test_an_unexpected_error_in_a_thread_is_told_as_itself(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(_pilot: Pilot[tuple[int, ...]]) -> None:
        app.errands.start("x", lambda _progress, _stop: 1 // 0, then=lambda _: None, fail=lambda _: None)
        end = time.monotonic() + 5
        while app.crash is None and time.monotonic() < end:
            await asyncio.sleep(0.01)

    with pytest.raises(Exception, match="zero"):
        run(app, act)
    assert isinstance(app.crash, ZeroDivisionError)


def test_what_is_to_be_told_first_is_told(view: BrowseView) -> None:
    app = app_on(view, mode="none", notices=["[/red]\x1b[2J"])

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await until(pilot, lambda: bool(app._notifications))
        assert notices(app) == ["[/red]\\x1b[2J"]

    run(app, act)


def test_the_keys_say_all_the_time_what_enter_takes_where_images_are_picked(view: BrowseView) -> None:
    app = app_on(view, mode="none", pick=True)

    def keys() -> str:
        return lines(app.screen)[-1]

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        assert "enter takes 1 " in keys()
        await pilot.press("space", "space", "space")
        assert "enter takes 3 " in keys()
        await pilot.press("v", "down")
        assert "enter takes 5 " in keys()
        await pilot.press("O")
        await until(pilot, lambda: app.current_mode == "overview")
        await pilot.pause()
        assert "enter on Browse takes 3 " in keys()

    run(app, act)
    usual = app_on(view, mode="none")

    async def nothing(_pilot: Pilot[tuple[int, ...]]) -> None:
        assert "takes" not in words(usual.screen)

    run(usual, nothing)


def test_news_that_come_after_the_screens_have_gone_are_dropped(planted: Audit) -> None:
    told: list[str] = []

    async def run() -> None:
        app = make_app(planted, open_view(planted), mode="none")
        async with app.run_test() as pilot:
            await pilot.pause()
        app.on_came(Came(lambda: told.append("too late")))

    asyncio.run(run())
    assert told == []
