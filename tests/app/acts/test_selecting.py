"""Images selected one by one, as ranges, and all others."""

from textual.pilot import Pilot

from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.workflows.browse import BrowseView
from tests.app.acts.dialogs import cell, run, selected
from tests.app.fakes import app_on


def test_a_range_is_seen_while_it_is_made_and_selected_at_its_end(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        listed = shown.desk.listed.tolist()
        await pilot.press("down", "v", "down", "down")
        assert [cell(shown, row)[0] for row in range(5)] == [" ", "○", "○", "○", " "]
        assert str(shown.count()).startswith("range of 3  ")
        assert selected(shown) == []
        await pilot.press("v")
        assert selected(shown) == listed[1:4]
        assert str(shown.count()).startswith("3 selected  ")
        await pilot.press("down", "v", "up", "up", "space")
        assert selected(shown) == listed[1:5], "upwards, and what was selected stays"
        await pilot.press("v", "down", "escape")
        assert len(shown.between) == 0
        assert selected(shown) == listed[1:5]
        await pilot.press("v", "down", "a", "down")
        assert len(shown.between) == 0, "another listing ends a range"

    run(app_on(own), act)


def test_invert_concerns_what_is_listed_and_u_takes_all_out(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        memorized = shown.desk.listed.tolist()
        await pilot.press("space", "i")
        assert set(selected(shown)) == set(memorized[1:])
        await pilot.press("2", "i")
        assert set(selected(shown)) == {*memorized[1:], *shown.desk.listed.tolist()}
        await pilot.press("u")
        assert selected(shown) == []

    run(app_on(own), act)
