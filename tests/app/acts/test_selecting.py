"""Selecting, tagging, saved views and exports, at the keyboard."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.errors import BusyError
from dejavu_tui.listing.places import OPENING
from dejavu_tui.listing.saved import load_views, save_view
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit, find_audit
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import screen, until

Act = Callable[[Pilot[tuple[int, ...]], BrowseScreen], Awaitable[None]]


@pytest.fixture
def own(tmp_path: Path) -> BrowseView:
    """A view whose audit folder this test may write into."""
    return fake_view(tmp_path, draw=False)


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot, screen(app))

    asyncio.run(go())


def selected(shown: BrowseScreen) -> list[int]:
    return list(shown.desk.selected)


def tags(view: BrowseView) -> dict[int, frozenset[str]]:
    return dict(TagFile(view.source).read().of)


def cell(shown: BrowseScreen, row: int) -> str:
    return str(shown.query_one(SampleTable).get_row_at(row)[0].plain)


async def asked(pilot: Pilot[tuple[int, ...]], question: str) -> None:
    """Wait for the dialog that asks so."""

    def there() -> bool:
        return any(question in str(found.content) for found in pilot.app.screen.query(".question").results(Static))

    await until(pilot, there)
    await pilot.pause()


async def type_in(pilot: Pilot[tuple[int, ...]], text: str) -> None:
    """Write `text` into the open prompt and press enter."""
    await until(pilot, lambda: bool(pilot.app.screen.query(Input)))
    line = pilot.app.screen.query_one(Input)
    line.value = text
    line.cursor_position = len(text)
    await pilot.press("enter")
    await pilot.pause()


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


def test_tag_filter_untag_and_undo(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        here = shown.desk.image_id
        listed = shown.desk.listed.tolist()
        assert here == listed[0]
        await pilot.press("t")
        await type_in(pilot, "no good")
        assert "cannot be a tag" in str(pilot.app.screen.query_one(".complaint", Static).content)
        await type_in(pilot, "ok")
        await until(pilot, lambda: tags(own) == {here: frozenset({"ok"})})
        await until(pilot, lambda: cell(shown, 0).startswith(" #"))
        await pilot.press("v", "down", "down", "t")
        await type_in(pilot, "odd")
        await until(pilot, lambda: len(tags(own)) == 3)
        assert tags(own)[listed[0]] == {"ok", "odd"}
        await until(pilot, lambda: len(shown.desk.tags) == 3)
        await pilot.press("T")
        await until(pilot, lambda: bool(pilot.app.screen.query(OptionList)))
        options = pilot.app.screen.query_one(OptionList)
        assert [str(options.get_option_at_index(i).prompt).split()[0] for i in range(2)] == ["odd", "ok"]
        await pilot.press("enter")
        await until(pilot, lambda: tags(own) == {here: frozenset({"ok"})})
        await pilot.press("z")
        await until(pilot, lambda: len(tags(own)) == 3)
        await pilot.press("u", "slash")
        await pilot.press(*"tag:odd", "enter")
        await until(pilot, lambda: shown.desk.listed.tolist() == listed[:3])
        await pilot.press("z", "z")
        await until(pilot, lambda: tags(own) == {})
        await until(pilot, lambda: shown.has_class("-empty"))
        await pilot.press("z")
        await until(pilot, lambda: any("nothing to undo" in note.message for note in pilot.app._notifications))

    run(app_on(own), act)


def test_no_tagging_is_lost_however_fast_they_come_and_an_error_does_not_stop_the_rest(
    own: BrowseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = TagFile.tag

    def busy_once(self: TagFile, image_ids: list[int], *, tag: str) -> int:
        if tag == "t3":
            raise BusyError("is being written by another process", where=self.path, fix="try again")
        return written(self, image_ids, tag=tag)

    written = tag
    monkeypatch.setattr(TagFile, "tag", busy_once)

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        said: list[str] = []
        monkeypatch.setattr(shown, "say", lambda text, **_: said.append(text))
        for number in range(8):
            shown._tagger.tag([number], tag=f"t{number}")
        expected = {number: frozenset({f"t{number}"}) for number in range(8) if number != 3}
        await until(pilot, lambda: tags(own) == expected)
        await until(pilot, lambda: dict(shown.desk.tags) == expected)
        assert sum("another process" in text for text in said) == 1

    run(app_on(own), act)


def test_tags_of_other_processes_are_there_when_the_screen_comes_back(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await until(pilot, lambda: not shown._tagger._waiting)
        TagFile(own.source).tag([5], tag="theirs")
        await pilot.press("question_mark", "escape")
        await until(pilot, lambda: shown.desk.tags.get(5) == frozenset({"theirs"}))

    run(app_on(own), act)


def test_tags_have_a_column_where_there_is_room_and_none_where_there_are_no_tags(own: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        table = shown.query_one(SampleTable)
        assert "tag" not in [field.name for field in table.fields]
        await pilot.press("t")
        await type_in(pilot, "ok")
        await until(pilot, lambda: "tag" in [field.name for field in table.fields])
        assert "ok" in [text.plain for text in table.get_row_at(0)]
        place = [field.name for field in table.fields].index("tag")
        listing = shown.desk.listing
        await pilot.click(
            SampleTable,
            offset=(sum(cells or 0 for cells in (table._column_widths or [])[:place]) + 2 * place + 2, 0),
        )
        assert shown.desk.listing == listing, "tags are no order"
        assert "#ok" in str(shown.query_one("#facts", Static).content)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "tag" not in [field.name for field in table.fields])

    run(app_on(own), act, size=(120, 40))


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
        await until(pilot, lambda: any("views.toml" in note.message for note in pilot.app._notifications))

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


def test_a_view_of_a_class_that_is_not_there_is_refused(own: BrowseView) -> None:
    (own.source / "views.toml").write_text('schema_version = 1\n[views.old]\nfilter = "class:zebra"\n')

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        await pilot.press("V")
        await until(pilot, lambda: bool(pilot.app.screen.query(OptionList)))
        await pilot.press("enter")
        await until(pilot, lambda: any("no class 'zebra'" in note.message for note in pilot.app._notifications))
        assert shown.desk.listing == OPENING

    run(app_on(own), act)


def test_exports_of_a_selection_are_written_and_nothing_is_replaced_unasked(
    planted: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(planted.root.parent, tmp_path / "copy", symlinks=True)
    audit = find_audit(tmp_path / "copy" / planted.root.name)
    view = open_view(audit)
    monkeypatch.chdir(tmp_path)

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        async def export(place: int, name: str) -> None:
            await pilot.press("x")
            await asked(pilot, "as what?")
            await pilot.press(*["down"] * place, "enter")
            await asked(pilot, "To which file?")
            await type_in(pilot, name)

        async def export_of(which: int, place: int, name: str) -> None:
            await pilot.press("x")
            await asked(pilot, "Nothing is selected.")
            await pilot.press(*["down"] * which, "enter")
            await asked(pilot, "as what?")
            await pilot.press(*["down"] * place, "enter")
            await asked(pilot, "To which file?")
            assert str(tmp_path.resolve())[-12:] in str(pilot.app.screen.query_one(".meaning", Static).content)
            await type_in(pilot, name)

        await pilot.press("a", "v", "down", "down", "v")
        chosen = selected(shown)
        await export(1, "no/such/place.txt")
        assert "no folder" in str(pilot.app.screen.query_one(".complaint", Static).content)
        await type_in(pilot, "ids.txt")
        await until(pilot, lambda: (tmp_path / "ids.txt").exists())
        assert [int(line) for line in (tmp_path / "ids.txt").read_text().split()] == chosen
        await export(0, "rows.csv")
        await until(pilot, lambda: (tmp_path / "rows.csv").exists())
        assert pl.read_csv(tmp_path / "rows.csv")["image_id"].to_list() == chosen
        await pilot.press("u")
        here = shown.desk.image_id
        await export_of(0, 1, "ids.txt")
        await asked(pilot, "is there already")
        await pilot.press("enter")
        assert len((tmp_path / "ids.txt").read_text().split()) == 3, "kept"
        await export_of(0, 1, "ids.txt")
        await asked(pilot, "is there already")
        await pilot.press("down", "enter")
        await until(pilot, lambda: (tmp_path / "ids.txt").read_text() == f"{here}\n")
        await export_of(1, 1, "all.txt")
        await until(pilot, lambda: (tmp_path / "all.txt").exists())
        assert [int(line) for line in (tmp_path / "all.txt").read_text().split()] == shown.desk.listed.tolist()
        await until(pilot, lambda: not shown.desk.busy)

    run(app_on(view, audit=audit), act)
