"""Saved views at the keyboard, and that esc in a dialog concerns the dialog alone."""

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.listing.places import OPENING
from dejavu_tui.listing.saved import load_views, save_view
from dejavu_tui.workflows.browse import BrowseView
from tests.app.acts.dialogs import asked, run, type_in
from tests.app.fakes import app_on
from tests.app.reading import notices
from tests.app.waiting import until


def test_views_are_saved_shown_and_removed(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        async def open_views() -> None:
            before = pilot.app.screen
            await pilot.press("V")
            await until(pilot, lambda: pilot.app.screen is not before)

        async def saved(names: set[str]) -> None:
            await until(pilot, lambda: set(load_views(own.source)) == names)

        await pilot.press("2", "r")
        wanted = shown.desk.listing
        await open_views()
        await pilot.press("n")
        await type_in(pilot, "mine")
        await until(pilot, lambda: load_views(own.source) == {"mine": wanted})
        await pilot.press("1")
        assert shown.desk.listing != wanted
        await open_views()
        await pilot.press("enter")
        await until(pilot, lambda: shown.desk.listing == wanted)
        await open_views()
        await pilot.press("n")
        for bad in ("../x", "my view!"):
            await type_in(pilot, bad)
            assert "cannot be the name" in str(pilot.app.screen.query_one(".complaint", Static).content)
            assert pilot.app.screen.query_one(Input).value == bad, "what was typed stays"
        await type_in(pilot, "other")
        await until(pilot, lambda: set(load_views(own.source)) == {"mine", "other"})
        for keys, left in ((["enter"], {"mine", "other"}), (["down", "enter"], {"other"})):
            await open_views()
            await pilot.press("d")
            await asked(pilot, "Remove view mine?")
            await pilot.press(*keys)
            await saved(left)
        (own.source / "views.toml").write_text("views = 3\n")
        await pilot.press("V")
        await until(pilot, lambda: any("views.toml" in told for told in notices(pilot.app)))

    run(app_on(own), act)


def test_a_view_of_a_class_that_is_not_there_is_refused(own: BrowseView) -> None:
    (own.source / "views.toml").write_text('schema_version = 1\n[views.old]\nfilter = "class:zebra"\n')

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await pilot.press("V")
        await until(pilot, lambda: bool(pilot.app.screen.query(OptionList)))
        await pilot.press("enter")
        await until(pilot, lambda: any("no class 'zebra'" in told for told in notices(pilot.app)))
        assert shown.desk.listing == OPENING

    run(app_on(own), act)


@pytest.mark.parametrize("keys", ["c", "s", "g", "t", "x", "V", "Vn", "Vd"])
def test_esc_in_a_dialog_concerns_the_dialog_alone(own: BrowseView, keys: str) -> None:
    save_view(own.source, name="mine", listing=OPENING)

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await pilot.press("a", "slash", *"part:A", "enter")
        wanted = shown.desk.listing
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: isinstance(pilot.app.screen, ModalScreen))
            await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is shown)
        assert shown.desk.listing == wanted
        assert set(load_views(own.source)) == {"mine"}
        await pilot.press("escape")
        assert shown.desk.listing != wanted, "here it takes the last term away"

    run(app_on(own), act)
