"""Every key of the browse screen, at the keyboard and with the mouse."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from PIL import Image
from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.desk import Snapshot
from dejavu_tui.app.samples import sample_at
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.answers import AnswerPanel, Tile
from dejavu_tui.app.widgets.detail import Detail
from dejavu_tui.app.widgets.keyline import KeyLine
from dejavu_tui.app.widgets.kinds import KindChoice
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.sourceless import Sourceless
from dejavu_tui.app.widgets.table import FIELDS, SampleTable
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.listing.places import OPENING, of_field, places
from dejavu_tui.records import KINDS, Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import pictures, screen, until
from tests.functional.test_contract import dejavu

Act = Callable[[Pilot[tuple[int, ...]], DejavuApp], Awaitable[None]]


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot, app)

    asyncio.run(go())


def listed(app: DejavuApp) -> list[int]:
    shown = screen(app)
    return shown.desk.view.samples["image_id"].to_numpy()[shown.desk.places].tolist()  # type: ignore[no-any-return]


def opening(view: BrowseView) -> list[int]:
    return places(view.samples, OPENING, names=view.label_names, tags={}).tolist()  # type: ignore[no-any-return]


def asked(app: DejavuApp, field: str) -> tuple[str, ...]:
    return of_field(app.desk.listing.filter, field)


def text(app: DejavuApp, selector: str) -> str:
    widget = screen(app).query_one(selector, Static)
    return str(widget.content)


def notices(app: DejavuApp) -> list[str]:
    return [str(notice.message) for notice in app._notifications]


def test_opens_on_the_memorized_with_picture_answers_and_count(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        expected = view.samples[opening(view)]
        assert listed(app) == expected["image_id"].to_list()
        assert sample.image_id == expected["image_id"][0]
        assert f"{expected.height} of {view.samples.height}" in text(app, ".count")
        assert isinstance(screen(app).query_one("#picture", Picture).shown, Image.Image)
        for role in ("target", "reference"):
            panel = screen(app).query_one(f"#{role}", AnswerPanel)
            answer = getattr(sample, role)
            assert f"{role} SSL_{answer.trained_on}" in str(panel._heading.content)
            assert str(answer.guess) in str(panel._heading.content)
            tiles = [tile for tile in panel.query(Tile) if tile.display]
            assert len(tiles) == panel.arrangement.tiles >= 2
            for tile, neighbour in zip(tiles, answer.neighbours, strict=False):
                caption = str(tile.caption.content)
                assert caption.startswith("✓ ") == neighbour.match
                assert f"{neighbour.distance:.3f}" in caption
                assert isinstance(tile.picture.shown, Image.Image)

    run(app_on(view), act)


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


def test_the_cursor_stays_on_its_image_when_the_list_changes(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("down", "j", "j", "k")
        image_id = screen(app).desk.image_id
        assert image_id == listed(app)[2]
        for key in ("a", "r", "1"):
            await pilot.press(key)
            assert screen(app).desk.image_id == image_id
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        assert sample.image_id == image_id

    run(app_on(view), act)


def test_jump_goes_through_filters_and_refuses_what_is_not_there(view: BrowseView) -> None:
    hidden = int(view.samples.filter(kind="unassociated")["image_id"][0])

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("g", *"99999", "enter")
        await pilot.pause()
        assert "Image 99999 is not attacked" in str(app.screen.query_one(".complaint", Static).content)
        assert app.screen.query_one(Input).value == "99999"
        await pilot.press("escape", "g", *"no", "enter")
        assert "is a number" in str(app.screen.query_one(".complaint", Static).content)
        await pilot.press("escape", "g", *str(hidden), "enter")
        await until(pilot, lambda: app.screen is screen(app))
        assert screen(app).desk.image_id == hidden

    run(app_on(view), act)


def test_search_class_and_escape(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        before = listed(app)
        await pilot.press("slash", *"coat", "enter")
        await until(pilot, lambda: text(app, ".filter") == "kind:memorized coat")
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
        assert text(app, ".count") == "10 of 10 control"
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
        assert "memorized" in text(app, "#empty")
        assert "zebra" in text(app, "#empty")
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


def test_a_click_on_a_row_looks_at_it(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.click(SampleTable, offset=(20, 3))
        await pictures(pilot)
        assert screen(app).desk.image_id == listed(app)[2]

    run(app_on(view), act)


def test_left_and_right_page_through_the_neighbours_of_both(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        panel = screen(app).query_one("#target", AnswerPanel)
        tiles = panel.arrangement.tiles

        def ranks() -> list[int]:
            captions = [str(tile.caption.content) for tile in panel.query(Tile) if tile.display]
            return [int(caption.split("\n")[1].split()[0]) for caption in captions if caption]

        await pictures(pilot)
        assert ranks() == list(range(1, tiles + 1))
        await pilot.press("right")
        assert ranks() == list(range(tiles + 1, 2 * tiles + 1))
        await pilot.press(*["l"] * 10)
        assert ranks()[-1] == view.k
        await pilot.press(*["h"] * 10)
        assert ranks()[0] == 1
        await pilot.press("right", "down")
        await pictures(pilot)
        assert ranks()[0] == 1

    run(app_on(view), act)


def test_only_the_crop(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        whole = screen(app).query_one("#picture", Picture).shown
        await pilot.press("o")
        await pictures(pilot)
        crop = screen(app).query_one("#picture", Picture).shown
        assert isinstance(whole, Image.Image)
        assert isinstance(crop, Image.Image)
        assert whole.width == whole.height
        assert crop.width > 2 * crop.height
        assert "only the crop" in text(app, "#facts")
        await pilot.press("o")
        await pictures(pilot)
        assert screen(app).query_one("#picture", Picture).shown is whole

    run(app_on(view), act)


def test_marks_are_counted_shown_and_returned_in_order(view: BrowseView) -> None:
    app = app_on(view)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("space", "space", "space", "up", "space")
        first, second, _ = listed(app)[:3]
        assert list(screen(app).desk.selected) == [first, second]
        assert "2 selected" in text(app, ".count")
        table = screen(app).query_one(SampleTable)
        assert table.get_row_at(0)[0].plain == f"●  {first}"
        assert table.get_row_at(2)[0].plain == f"   {listed(app)[2]}"
        await pilot.press("q")

    run(app, act)
    assert app.return_value == tuple(view.samples["image_id"].to_numpy()[opening(view)][:2].tolist())
    assert app.return_code == 0


def test_enter_picks_the_image_under_the_cursor_and_leaves_only_if_asked(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], _app: DejavuApp) -> None:
        await pilot.press("down", "enter")
        await pilot.pause()

    plain, picking = app_on(view), app_on(view, pick=True)
    run(plain, act)
    assert plain.return_value is None
    run(picking, act)
    assert picking.return_value == (int(view.samples["image_id"][int(opening(view)[1])]),)


def test_escape_never_leaves_and_control_c_leaves_with_130(view: BrowseView) -> None:
    app = app_on(view)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press(*["escape"] * 5)
        await pilot.pause()
        assert app.is_running
        assert app.return_code is None
        await pilot.press("ctrl+c")

    run(app, act)
    assert app.return_code == 130


def test_another_epoch_comes_by_one_key_and_keeps_the_image(view: BrowseView, folder: Path) -> None:
    opened = []

    def open_view(at: Snapshot, progress: Progress, _stop: Stop) -> BrowseView:
        epoch = at.epoch or 0
        progress(Step("embed", 3, 10))
        opened.append(epoch)
        return fake_view(folder, epoch=epoch, draw=False)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "down", "down")
        image_id = screen(app).desk.image_id
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        assert screen(app).desk.image_id == image_id
        assert "epoch 400" in text(app, "#place")
        await pilot.press("full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        await pilot.press("full_stop")
        assert "last snapshot" in notices(app)[-1]
        assert opened == [400, 800]

    run(app_on(view, open_view=open_view), act)


def test_an_image_not_listed_at_another_epoch_is_told_and_found_again(view: BrowseView, folder: Path) -> None:
    other = fake_view(folder, epoch=400, draw=False)
    gone = next(
        image_id
        for image_id, kind in view.samples.select("image_id", "kind").iter_rows()
        if kind == "memorized" and other.samples.filter(image_id=image_id)["kind"][0] != "memorized"
    )
    kind = other.samples.filter(image_id=gone)["kind"][0]

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        app.desk.image_id = gone
        app.changed()
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        assert notices(app) == [f"Image {gone} is {kind} at epoch 400; a lists all kinds."]
        assert screen(app).desk.image_id != gone
        await pilot.press("full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        assert screen(app).desk.image_id == gone
        assert notices(app) == [], "the key took it away, and going back tells nothing"
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        await pilot.press("down")
        moved_to = screen(app).desk.image_id
        await pilot.press("a", "full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        assert screen(app).desk.image_id == moved_to, "after a move the former image is of no interest"

    run(app_on(view, open_view=lambda at, _p, _s: {400: other, 800: view}[at.epoch]), act)


def test_pressing_on_gives_up_the_epoch_being_opened(view: BrowseView, folder: Path) -> None:
    stopped = threading.Event()

    def open_view(at: Snapshot, progress: Progress, stop: Stop) -> BrowseView:
        epoch = at.epoch or 0
        if epoch == 400:
            while not stop():
                progress(Step("embed", 1, 10))
                stopped.wait(0.01)
            stopped.set()
        return fake_view(folder, epoch=epoch, draw=False)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("comma")
        await until(pilot, lambda: "epoch 400: embed 1/10" in text(app, "#place"))
        await pilot.press("down")
        assert screen(app).query_one(SampleTable).cursor_row == 1
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 100)
        assert stopped.is_set()
        assert "embed" not in text(app, "#place")

    run(app_on(view, open_view=open_view), act)


def test_an_epoch_that_cannot_be_opened_is_told_and_the_screen_stays(view: BrowseView) -> None:
    def open_view(_at: Snapshot, _progress: Progress, _stop: Stop) -> BrowseView:
        raise ArtefactError("is damaged [/red]", where="\x1b[2J", fix="remove it")

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("comma")
        await until(pilot, lambda: bool(notices(app)))
        assert notices(app) == ["\\x1b[2J: is damaged [/red]; remove it"]
        assert screen(app).desk.view.epoch == 800
        await pilot.pause()

    run(app_on(view, open_view=open_view), act)


def test_the_index_answers_for_the_whole_image(view: BrowseView) -> None:
    def ask_index(*_asked: object) -> pl.DataFrame:
        return pl.DataFrame(
            [(encoder, rank, 60 + rank, "", "", rank / 8) for encoder in "AB" for rank in (1, 2, 3)],
            schema=["encoder", "rank", "image_id", "path", "label_name", "distance"],
            orient="row",
        )

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        before = screen(app).sample
        await pilot.press("w")
        await until(pilot, lambda: screen(app).sample != before)
        sample = screen(app).sample
        assert sample is not None
        assert [n.image_id for n in sample.target.neighbours] == [61, 62, 63]
        assert "whole image" in str(screen(app).query_one("#target", AnswerPanel)._heading.content)
        await pilot.press("escape")
        assert screen(app).sample == before

    run(app_on(view, query=ask_index), act)


def test_broken_and_missing_images_are_placeholders_with_the_reason(tmp_path: Path) -> None:
    view = fake_view(tmp_path, attacked=8, public=8)
    for path in view.images["path"][::2]:
        (tmp_path / path).write_bytes(b"\xff\xd8 no picture")
    for path in view.images["path"][1::2]:
        (tmp_path / path).unlink()

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a")
        for _ in range(8):
            await pictures(pilot)
            asked = [picture for picture in screen(app).query(Picture) if picture._wanted]
            assert all(isinstance(picture.shown, str) and picture.shown for picture in asked)
            await pilot.press("down")

    run(app_on(view), act)


def test_stale_pictures_are_dropped(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        picture = screen(app).query_one("#picture", Picture)
        shown = picture.shown
        assert picture._wanted is not None
        stale = replace(picture._wanted, path=Path("/elsewhere"))
        picture.post_message(Picture.Made(stale, "stale"))
        await pilot.pause()
        assert picture.shown is shown

    run(app_on(view), act)


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


def test_pictures_can_be_switched_off(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        assert "▀" not in app.export_screenshot()
        sample = screen(app).sample
        assert sample is not None
        words = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert Path(sample.path).name in words

    run(app_on(view, mode="none"), act)


def test_a_palette_entry_does_what_its_key_does(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"unassoc")
        await pilot.pause(0.5)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: asked(app, "kind") == ("unassociated",))

    run(app_on(view), act)


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


def test_what_both_encoders_find_is_marked_and_their_votes_have_one_scale(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        ids = {role: {one.image_id for one in getattr(sample, role).neighbours} for role in ("target", "reference")}
        lengths = {}
        for role, other in (("target", "reference"), ("reference", "target")):
            panel = screen(app).query_one(f"#{role}", AnswerPanel)
            tiles = [tile for tile in panel.query(Tile) if tile.display]
            for tile, neighbour in zip(tiles, getattr(sample, role).neighbours, strict=False):
                assert str(tile.caption.content).endswith("both") == (neighbour.image_id in ids[other])
            for line in str(panel._votes.content).splitlines()[1:]:
                lengths[role, int(line.split()[-1])] = line.count("▇")
        scale = {
            number: {bar for (_, counted), bar in lengths.items() if counted == number} for _, number in lengths
        }
        assert all(len(bars) == 1 for bars in scale.values()), "as many votes, as long a bar"

    run(app_on(view), act, size=(200, 60))


def test_enter_leads_to_compare_with_the_image(planted: Audit) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "down", "down")
        image_id = app.desk.image_id
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "compare")
        assert app.desk.image_id == image_id
        await pilot.press("B")
        await until(pilot, lambda: app.current_mode == "browse")
        assert screen(app).query_one(SampleTable).cursor_row == 2
        await pilot.click(SampleTable, offset=(20, 2), times=2)
        await until(pilot, lambda: app.current_mode == "compare")
        assert app.desk.image_id == int(app.desk.listed[1])

    run(app_on(open_view(planted), audit=planted), act)


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


def test_the_pictures_around_the_cursor_are_made_ahead(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        await until(pilot, lambda: not app.desk.gallery._ahead and not app.desk.gallery._making)
        detail, gallery = screen(app).query_one(Detail), app.desk.gallery
        for place in app.desk.places[1:3]:
            for each in detail.ahead(sample_at(view, int(place)), source=view.source):
                assert gallery.at_hand(each) is not None
        await pilot.press("down")
        await pictures(pilot)
        wanted = screen(app).query_one("#picture", Picture)._wanted
        assert wanted in detail.ahead(sample_at(view, int(app.desk.places[1])), source=view.source)

    run(app_on(view), act)


def test_while_the_index_is_made_the_screen_says_so_and_escape_gives_it_up(view: BrowseView) -> None:
    stopped = threading.Event()

    def slow(_view: BrowseView, _path: Path, _crop: object, progress: Progress, stop: Stop) -> pl.DataFrame:
        while not stop():
            progress(Step("index A-000800", 1200, 4000))
            stopped.wait(0.01)
        stopped.set()
        raise StoppedError

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("w")
        await until(pilot, lambda: app.desk.busy == "making index A-000800, once: 1,200/4,000")
        await pilot.press("escape")
        await until(pilot, stopped.is_set)
        await pilot.pause()
        assert app.desk.busy == ""

    run(app_on(view, query=slow), act, size=(120, 40))


@pytest.mark.parametrize("width", [40, 50, 59, 60, 66, 70, 76, 80, 100])
def test_headings_are_shortened_by_words_never_cut(view: BrowseView, width: int) -> None:
    async def act(_pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        table = screen(app).query_one(SampleTable)
        for field in FIELDS:
            await asyncio.sleep(0)
            table._listing = replace(table._listing, sort=field.name)
            table._rebuild()
            for label, cells in zip(table._column_labels or [], table._column_widths or [], strict=True):
                assert isinstance(label, Text)
                assert label.cell_len <= (cells or 0)
                assert label.plain.rstrip("▾▴") in [heading for one in FIELDS for heading in one.headings]

    run(app_on(view), act, size=(width, 24))


def test_without_the_folder_of_images_all_else_is_there(view: BrowseView, tmp_path: Path) -> None:
    gone = replace(view, source=tmp_path / "gone", source_missing="no folder of images [/red]; mount it")

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        assert listed(app) == view.samples[opening(view)]["image_id"].to_list()
        for name in ("browse", "wall"):
            await app.action_go(name)
            shown = app.screen_stack[0]
            line = shown.query_one(Sourceless)
            await until(pilot, lambda: bool(line.region.area))  # noqa: B023
            assert str(line.content) == "No pictures: no folder of images [/red]; mount it"

            def said() -> set[object]:
                return {one.shown for one in shown.query(Picture) if one._asked and one.size.area}  # noqa: B023

            await until(pilot, lambda: said() == {"image folder missing"})
        assert not notices(app)

    run(app_on(gone, audit=Audit(tmp_path)), act)
