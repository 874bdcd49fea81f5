"""Typing a filter: complaints under the line, completion, and the filters of before."""

import re

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING
from dejavu_tui.workflows.browse import BrowseView
from tests.app.acts.dialogs import run
from tests.app.fakes import app_on
from tests.app.waiting import until


def lines(shown: BrowseScreen) -> list[str]:
    """What is on the screen, line by line."""
    return [strip.text for strip in shown._compositor.render_strips()]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
def test_the_caret_stands_under_what_is_wrong(view: BrowseView, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await pilot.press("slash", *"conff>1", "enter")
        await until(pilot, lambda: shown.query_one(FilterLine).has_class("-refused"))
        await pilot.pause()
        top = next(i for i, line in enumerate(lines(shown)) if "conff>1" in line)
        written, below = lines(shown)[top : top + 2]
        assert below.index("^") == written.index("conff")
        assert "did you mean 'conf'?" in " ".join("".join(lines(shown)[top + 1 : top + 4]).split())
        assert shown.query_one(FilterLine).editing, "what was typed stays"
        assert shown.desk.listing == OPENING
        await pilot.press("escape")
        assert not shown.query_one(FilterLine).has_class("-refused")
        assert shown.home.has_focus

    run(app_on(view), act, size=size)


def test_what_is_typed_is_listed_at_once_and_escape_takes_it_back(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        before = shown.desk.listed.tolist()
        await pilot.press("slash", *"part:B")
        await until(pilot, lambda: shown.desk.listed.tolist() != before)
        await pilot.press("escape")
        assert shown.desk.listed.tolist() == before

    run(app_on(view), act)


def test_what_was_listed_before_is_listed_while_a_filter_is_refused(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        line = shown.query_one(FilterLine)
        before = shown.desk.listed.tolist()
        await pilot.press("slash", "ctrl+u")
        await until(pilot, lambda: len(shown.desk.listed) == len(view.samples))
        await pilot.press(*"conff>1", "enter")
        await until(pilot, lambda: line.has_class("-refused"))
        assert shown.desk.listed.tolist() == before
        await pilot.press("ctrl+u")
        await until(pilot, lambda: len(shown.desk.listed) == len(view.samples))
        assert not line.has_class("-refused")

    run(app_on(view), act)


def test_that_nothing_is_listed_is_said_while_it_is_typed(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        empty = shown.query_one("#empty", Static)
        await pilot.press("slash", "ctrl+u", "(", "(")
        await until(pilot, lambda: shown.has_class("-empty"))
        assert "(( lists 0: no path, class, guess or tag holds it" in str(empty.content)
        assert "esc lists what was listed before." in str(empty.content)
        await pilot.press("enter")
        await until(pilot, lambda: "esc takes the last term away" in str(empty.content))

    run(app_on(view), act)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_long_filter_ends_in_an_ellipsis_and_a_blank_before_the_count(view: BrowseView, width: int) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        shown.take(parse("part:A " + " ".join(f"-tag:t{number}" for number in range(60))))
        await pilot.pause()
        assert re.search(r"… +30 of 60 *$", lines(shown)[1])

    run(app_on(view), act, size=(width, 24))


def test_tab_completes_fields_classes_and_kinds(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        line = shown.query_one(FilterLine).query_one(Input)
        await pilot.press("slash", *"cl")
        await until(pilot, lambda: line._suggestion != "")
        await pilot.press("tab", *"coa")
        await until(pilot, lambda: line._suggestion != "")
        await pilot.press("tab", "enter")
        assert str(shown.desk.listing.filter).lower() == "kind:memorized class:coat"
        assert shown.home.has_focus

    run(app_on(view), act, size=(50, 20))


def test_up_and_down_go_through_the_filters_of_before(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        line = shown.query_one(FilterLine).query_one(Input)
        for typed in ("part:A", "part:B"):
            await pilot.press("a", "slash")
            await pilot.press(*typed, "enter")
        await pilot.press("a", "slash", "up")
        assert line.value == "part:A part:B"
        await pilot.press("up", "up")
        assert line.value == "part:A"
        await pilot.press("down", "down")
        assert line.value == str(shown.desk.listing.filter)
        await pilot.press("escape")

    run(app_on(view), act)


def test_a_click_on_the_line_edits_it(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await pilot.click(FilterLine, offset=(10, 0))
        await until(pilot, lambda: shown.query_one(FilterLine).editing)
        assert "kind:memorized" in shown.query_one(FilterLine).query_one(Input).value
        assert str(shown.query_one(".filter", Static).content) == "kind:memorized"

    run(app_on(view), act)
