"""What every screen can do: actions by key, palette and help; the clipboard; other snapshots; and how it ends."""

import asyncio
import json
import shlex
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from dejavu_tui.app.actions import actions_here, actions_of
from dejavu_tui.app.application import DejavuApp, Preferences, make_app
from dejavu_tui.app.desk import Snapshot
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.records import Progress, Stop
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.waiting import until

Act = Callable[[Pilot[tuple[int, ...]]], Awaitable[None]]


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (100, 30)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot)

    asyncio.run(go())


def words(app: DejavuApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def notices(app: DejavuApp) -> list[str]:
    return [str(notice.message) for notice in app._notifications]


def own_classes(base: type[DOMNode] = DOMNode) -> Iterator[type[DOMNode]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("dejavu_tui.app") and not issubclass(kind, ModalScreen | Input):
            yield kind
        yield from own_classes(kind)


def test_every_binding_has_an_id_a_name_and_a_meaning() -> None:
    tab_screens()
    found = {kind for kind in own_classes() if "BINDINGS" in vars(kind)}
    assert found
    ids: dict[str, str] = {}
    for kind in found:
        for binding in vars(kind)["BINDINGS"]:
            where = f"{kind.__name__} {binding}"
            assert isinstance(binding, Binding), where
            assert binding.id, where
            assert binding.tooltip, where
            assert binding.description, where
            assert "\n" not in binding.tooltip
            assert ids.setdefault(binding.id, binding.description) == binding.description, f"two are {binding.id}"


def test_no_two_actions_of_a_screen_have_the_same_key() -> None:
    for screen in tab_screens():
        taken: dict[str, str] = {}
        own = {one.id: one for one in actions_of(screen)}
        for one in (*own.values(), *(one for one in actions_of(DejavuApp) if one.id not in own)):
            for key in one.key.split(","):
                assert taken.setdefault(key, one.action) == one.action, f"{key} on {screen.NAME}"


@pytest.mark.parametrize("name", [screen.NAME for screen in tab_screens()])
def test_every_action_of_a_screen_is_in_its_palette_and_its_help(planted: Audit, name: str) -> None:
    app = make_app(planted, open_view(planted), mode="none", start=name)

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        expected = {one.id: one for _, one in actions_here(app, app.screen)}
        assert {one.id for one in actions_of(type(app.screen))} <= expected.keys()
        assert {one.id for one in actions_of(DejavuApp)} <= expected.keys()
        commands = list(app.get_system_commands(app.screen))
        assert {command.help for command in commands} == {
            one.tooltip for one in expected.values() if one.id != "palette"
        }
        assert len({command.title for command in commands}) == len(commands)
        await pilot.press("question_mark")
        await pilot.pause()
        shown = " ".join(words(app).split())
        assert f"Keys on {name.capitalize()}" in shown
        for one in expected.values():
            assert " ".join(one.tooltip.split()) in shown
        for sign, meaning in app.front.LEGEND:
            assert " ".join(sign.split()) in shown
            assert meaning[:30] in shown
        await pilot.press("j", "k", "question_mark")
        assert app.screen is app.front

    run(app, act, size=(200, 130))


def test_colon_opens_the_palette_and_an_entry_does_what_its_key_does(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("colon")
        await pilot.pause()
        await pilot.press(*"same as")
        await pilot.pause(0.5)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "What this screen shows" in words(app))

    run(app, act)


def test_same_as_shows_the_command_whole_and_copies_it(view: BrowseView) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        command = shlex.join(app.front.twin())
        await pilot.press("equals_sign")
        await pilot.pause()
        assert str(app.screen.query_one(".command", Static).content) == command
        await pilot.press("y")
        assert app.clipboard == command
        assert "command copied (OSC 52)" in str(app.screen.query_one(".said", Static).content)
        await pilot.press("escape")
        assert app.screen is app.front

    run(app, act, size=(60, 20))


def copied(app: DejavuApp, place: int) -> Act:
    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("y")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        await pilot.press(*["down"] * place, "enter")
        await until(pilot, lambda: app.screen is app.front and bool(app._notifications))

    return act


def test_copy_path_id_row_and_selection(view: BrowseView) -> None:
    rows = view.samples
    for place in range(3):
        app = app_on(view, mode="none")
        run(app, copied(app, place))
        row = rows.row(by_predicate=pl.col("image_id") == app.desk.image_id, named=True)
        got = app.clipboard
        assert got in (str(view.source / row["path"]), str(row["image_id"])) or json.loads(got) == row
    app = app_on(view, mode="none")
    app.desk.select([7, 3], on=True)
    run(app, copied(app, 3))
    assert app.clipboard == "7\n3"


def test_without_a_clipboard_the_text_is_kept_for_the_end(view: BrowseView) -> None:
    app = app_on(view, mode="none", liked=Preferences(clipboard=False))
    run(app, copied(app, 1))
    assert app.copier.kept == [str(app.desk.image_id)]
    assert app.clipboard == ""
    assert "printed when you leave" in notices(app)[0]


def test_run_layer_and_epoch_are_chosen_from_lists(planted: Audit) -> None:
    opened = []

    def opens(at: Snapshot, progress: Progress, stop: Stop) -> BrowseView:
        opened.append(at)
        return open_view(planted, run=at.run, epoch=at.epoch, layer=at.layer, progress=progress, stop=stop)

    view = open_view(planted)
    app = make_app(planted, view, mode="none", open_view=opens)

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("E")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert app.screen.query_one(OptionList).highlighted == 1
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.desk.view.epoch == 10)
        await pilot.press("R")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert "planted" in words(app)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("Y")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert app.screen.query_one(OptionList).option_count == len(view.layers)
        await pilot.press("enter")
        await pilot.pause()
        assert [at.epoch for at in opened] == [10], "what is open already is not opened again"

    run(app, act)


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
            assert "memorized" in words(app)
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


def test_every_row_of_the_help_names_the_keys_of_one_action(planted: Audit) -> None:
    app = make_app(planted, open_view(planted), mode="none", start="query")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        rows = [" ".join(line.strip(" │").split()) for line in words(app).splitlines()]
        assert "[ Tab before" in rows
        assert "] Tab after" in rows
        assert ", The snapshot before" in rows
        assert any(row.startswith("run @800 ") for row in rows)

    run(app, act, size=(200, 130))


def test_the_keys_say_all_the_time_what_enter_takes_where_images_are_picked(view: BrowseView) -> None:
    app = app_on(view, mode="none", pick=True)

    def keys() -> str:
        return words(app).splitlines()[-1]

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

    async def nothing(pilot: Pilot[tuple[int, ...]]) -> None:  # noqa: ARG001
        assert "takes" not in words(usual)

    run(usual, nothing)


def test_another_run_can_be_chosen_beside_one_that_is_damaged_and_is_named(planted: Audit, tmp_path: Path) -> None:
    root = tmp_path / planted.root.name
    shutil.copytree(planted.root, root)
    bad = root / "encoders" / "bad"
    bad.mkdir()
    (bad / "settings.toml").write_text("epochs = many")
    app = make_app(Audit(root), open_view(planted), mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("R")
        await until(pilot, lambda: app.screen is not app.front)
        await pilot.pause()
        assert "bad: settings damaged" in words(app)
        assert "planted" in words(app)
        await pilot.press("escape", "Y")
        await pilot.pause()
        assert "Which layer?" in words(app)

    run(app, act)
