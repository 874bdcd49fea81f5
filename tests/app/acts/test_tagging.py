"""Tags at the keyboard: given, taken away, taken back, and none lost."""

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.errors import BusyError
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.browse import BrowseView
from tests.app.acts.dialogs import cell, run, tags, type_in
from tests.app.fakes import app_on
from tests.app.reading import notices
from tests.app.waiting import until


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
        await until(pilot, lambda: any("nothing to undo" in told for told in notices(pilot.app)))

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
