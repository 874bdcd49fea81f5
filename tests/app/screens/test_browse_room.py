"""Browse in windows of any size: panels, zoom, and headings that are shortened by words."""

import asyncio
from dataclasses import replace

import pytest
from rich.text import Text
from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.keyline import KeyLine
from dejavu_tui.app.widgets.table import FIELDS, SampleTable
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.screens.on_browse import run
from tests.app.waiting import pictures, screen


def test_resizing_never_breaks_and_one_panel_stays_below_60_columns(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        for width, height in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (39, 12), (20, 5), (2, 1)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            shown = screen(app)
            assert shown.query_one("#small").display == (width < 40 or height < 12)
            if width >= 60:
                assert shown.query_one("#table").display
                assert shown.query_one("#reference").display
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        seen = []
        for _ in range(4):
            seen.append([name for name in BrowseScreen.PANELS if screen(app).query_one(f"#{name}").region.area])
            first = screen(app).desk.image_id
            await pilot.press("down")
            assert screen(app).desk.image_id != first, "the keys of the table work whichever panel is seen"
            await pilot.press("tab")
            await pilot.pause()
        assert seen == [["table"], ["own"], ["target"], ["reference"]]
        assert screen(app).query_one(KeyLine).render_line(0).text.split()[1] == "Panel"
        await pilot.resize_terminal(80, 24)
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None

    run(app_on(view), act)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15), (40, 12)])
def test_nothing_is_cut_at_the_right_edge(view: BrowseView, size: tuple[int, int]) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        table = screen(app).query_one(SampleTable)
        assert table.virtual_size.width <= table.size.width
        for widget in screen(app).query("*"):
            if widget.display and widget.region.area:
                assert widget.region.right <= size[0], widget

    run(app_on(view), act, size=size)


def test_zoom_gives_the_room_to_the_pictures_or_to_the_table_and_the_keys_stay(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        shown = screen(app)
        half = shown.query_one("#table").size.height
        await pilot.press("underscore", "underscore")
        await pilot.pause()
        assert shown.zoom == "table"
        assert shown.query_one("#table").size.height > 2 * half
        assert not shown.query_one("#detail").display
        await pilot.press("plus", "plus", "plus")
        await pilot.pause()
        assert shown.zoom == "pictures"
        assert shown.query_one("#table").size.height == 0
        before = app.desk.image_id
        await pilot.press("down")
        await pictures(pilot)
        assert app.desk.image_id != before
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert shown.query_one("#table").size.height > 5, "below 60 columns there is one panel, whatever the zoom"
        await pilot.resize_terminal(80, 24)
        await pilot.press("underscore")
        await pilot.pause()
        assert shown.query_one("#table").size.height == half

    run(app_on(view), act)


@pytest.mark.parametrize("width", [40, 50, 59, 60, 66, 70, 76, 80, 100])
def test_headings_are_shortened_by_words_never_cut(view: BrowseView, width: int) -> None:
    async def act(_pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        table = screen(app).query_one(SampleTable)
        for field in FIELDS:
            await asyncio.sleep(0)
            table._listing = replace(table._listing, sort=field.name)
            table._rebuild()
            assert table._column_labels
            for label, cells in zip(table._column_labels, table._column_widths or [], strict=True):
                assert isinstance(label, Text)
                assert label.cell_len <= (cells or 0)
                assert label.plain.rstrip("▾▴") in [heading for one in FIELDS for heading in one.headings]

    run(app_on(view), act, size=(width, 24))
