"""Every action has a key, a name and a meaning, in the palette and in the help."""

from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from dejavu_tui.app.actions import actions_here, actions_of
from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.on_app import run
from tests.app.reading import lines, words
from tests.app.waiting import until


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
        shown = " ".join(words(app.screen).split())
        assert f"Keys on {name.capitalize()}" in shown
        for one in expected.values():
            assert " ".join(one.tooltip.split()) in shown
        for sign, meaning in app.front.LEGEND:
            assert " ".join(sign.split()) in shown
            assert meaning[:30] in shown
        await pilot.press("j", "k", "question_mark")
        assert app.screen is app.front

    run(app, act, size=(200, 130))


def test_every_row_of_the_help_names_the_keys_of_one_action(planted: Audit) -> None:
    app = make_app(planted, open_view(planted), mode="none", start="query")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        rows = [" ".join(line.strip(" │").split()) for line in lines(app.screen)]
        assert "[ Tab before" in rows
        assert "] Tab after" in rows
        assert ", The snapshot before" in rows
        assert any(row.startswith("run @800 ") for row in rows)

    run(app, act, size=(200, 130))


@pytest.mark.parametrize(
    ("key", "typed", "done"),
    [("colon", "same as", "What this screen shows"), ("ctrl+p", "unassoc", "kind:unassociated")],
)
def test_an_entry_of_the_palette_does_what_its_key_does(view: BrowseView, key: str, typed: str, done: str) -> None:
    app = app_on(view, mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        def first() -> str:
            found = app.screen.query_one(OptionList)
            return str(found.get_option_at_index(0).prompt) if found.option_count else ""

        assert done not in words(app.screen)
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not app.front)
        await pilot.press(*typed)
        await until(pilot, lambda: typed in first().lower())
        await pilot.press("down", "enter")
        await until(pilot, lambda: done in words(app.screen))

    run(app, act)
