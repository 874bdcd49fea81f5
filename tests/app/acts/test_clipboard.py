"""What is copied: the command, paths, ids and rows, into the terminal's clipboard or for the end."""

import json
import shlex

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from dejavu_tui.app.application import DejavuApp, Preferences
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.on_app import Act, run
from tests.app.reading import notices
from tests.app.waiting import until


def copied(app: DejavuApp, place: int) -> Act:
    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("y")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        await pilot.press(*["down"] * place, "enter")
        await until(pilot, lambda: app.screen is app.front and bool(app._notifications))

    return act


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


@pytest.mark.parametrize("place", range(4))
def test_copy_path_id_row_and_selection(view: BrowseView, place: int) -> None:
    app = app_on(view, mode="none")
    app.desk.select([7, 3], on=True)
    run(app, copied(app, place))
    row = view.samples.row(by_predicate=pl.col("image_id") == app.desk.image_id, named=True)
    expected = str(view.source / row["path"]), str(row["image_id"]), row, "7\n3"
    assert (json.loads(app.clipboard) if place == 2 else app.clipboard) == expected[place]


def test_without_a_clipboard_the_text_is_kept_for_the_end(view: BrowseView) -> None:
    app = app_on(view, mode="none", liked=Preferences(clipboard=False))
    run(app, copied(app, 1))
    assert app.copier.kept == [str(app.desk.image_id)]
    assert app.clipboard == ""
    assert "printed when you leave" in notices(app)[0]
