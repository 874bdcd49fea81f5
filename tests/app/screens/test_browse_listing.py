"""What Browse lists: kinds, filters, control images and the order, by key and by click."""

import json
from dataclasses import replace

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.widgets.kinds import KindChoice
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.reading import notices, text
from tests.app.screens.on_browse import asked, listed, run
from tests.app.waiting import screen, until
from tests.functional.test_contract import dejavu


def test_keys_and_clicks_choose_the_kind(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        for key, kind in zip("1234", KINDS, strict=True):
            await pilot.press(key)
            assert set(screen(app).desk.view.samples["kind"].to_numpy()[screen(app).desk.places]) == {kind}
        await pilot.press("a")
        assert len(listed(app)) == view.samples.height
        for choice in screen(app).query(KindChoice):
            await pilot.click(choice)
            await pilot.pause()
            assert asked(app, "kind") == ((choice.kind,) if choice.kind else ())
            assert choice.has_class("-here")

    run(app_on(view), act, size=(120, 40))


def test_search_class_and_escape(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        before = listed(app)
        await pilot.press("slash", *"coat", "enter")
        await until(pilot, lambda: text(screen(app), ".filter") == "kind:memorized coat")
        assert len(listed(app)) < len(before)
        await pilot.press("c")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        await pilot.press(*"coa", "enter")
        await until(pilot, lambda: asked(app, "class") == ("Coat",))
        for _ in range(4):
            await pilot.press("escape")
        assert listed(app) == before
        assert app.is_running

    run(app_on(view), act)


def test_control_images_by_key_and_escape_leads_back(view: BrowseView) -> None:
    control = pl.when(pl.col("image_id") < 10).then(pl.lit("E")).otherwise("part").alias("part")
    mixed = replace(view, samples=view.samples.with_columns(control))

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "e")
        assert listed(app) != []
        assert set(listed(app)) == set(range(10))
        assert text(screen(app), ".count") == "10 of 10 control"
        await pilot.press("escape")
        assert len(listed(app)) == view.samples.height - 10
        await pilot.press("g", "3", "enter")
        await until(pilot, lambda: screen(app).desk.image_id == 3)
        assert app.desk.of_control

    run(app_on(mixed), act)


def test_without_control_images_the_key_says_so(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        before = listed(app)
        await pilot.press("e")
        assert listed(app) == before
        assert "no control images" in notices(app)[-1]

    run(app_on(view), act)


def test_an_empty_list_says_which_filters_emptied_it(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("slash", *"zebra", "enter")
        await until(pilot, lambda: not listed(app))
        assert screen(app).query_one("#empty").display
        assert "memorized" in text(screen(app), "#empty")
        assert "zebra" in text(screen(app), "#empty")
        await pilot.press("down", "space", "right", "o", "r", "enter")
        await pilot.press("escape")
        await until(pilot, lambda: bool(listed(app)))
        await pilot.press("less_than_sign", "down")
        assert screen(app).desk.image_id == listed(app)[1], "the keyboard has come back to the table"

    run(app_on(view), act)


def test_sort_by_list_by_heading_and_back(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "s", "home", "enter")
        await until(pilot, lambda: app.desk.listing.sort == "id")
        assert listed(app) == list(range(view.samples.height))
        await pilot.press("r")
        assert listed(app) == list(reversed(range(view.samples.height)))
        await pilot.click(SampleTable, offset=(4, 0))
        await pilot.pause()
        assert listed(app) == list(range(view.samples.height))
        table = screen(app).query_one(SampleTable)
        assert "▴" in table.ordered_columns[0].label.plain

    run(app_on(view), act)


@pytest.mark.parametrize(
    "keys", [(), ("a", "r"), ("a", "e", "s", "down", "down", "enter"), ("slash", *" id>9 ", "enter")]
)
def test_the_command_lists_what_the_screen_lists(planted: Audit, keys: tuple[str, ...]) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        words = screen(app).twin()
        assert words[0] == "dejavu"
        done = dejavu(*words[1:], "--format", "jsonl", cwd=planted.root.parent.parent)
        assert done.returncode == 0, done.stderr
        printed = [json.loads(line) for line in done.stdout.splitlines()]
        assert [row["image_id"] for row in printed] == listed(app)
        assert {row["epoch"] for row in printed} == {app.desk.view.epoch}

    run(app_on(open_view(planted), audit=planted), act)
