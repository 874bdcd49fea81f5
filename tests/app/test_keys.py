"""The file of keys: what it changes, and what it refuses in one line."""

import asyncio
import re
from pathlib import Path

import pytest

from dejavu_tui.app.application import Preferences
from dejavu_tui.app.keys import load_keys, table
from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on


def test_no_file_changes_nothing(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "keys.toml") == {}


def test_keys_are_given_by_id_alone_or_as_a_list_by_name_or_as_a_character(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('sort = "f5"\nreverse = ["ctrl+k", "|"]\nleave = "Q"\nquery = "ctrl+y"\n')
    assert load_keys(path) == {
        "sort": "f5", "reverse": "ctrl+k,vertical_line", "leave": "Q", "query": "ctrl+y"
    }  # fmt: skip


def test_two_actions_may_change_places(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('sort = "r"\nreverse = "s"\n')
    assert load_keys(path) == {"sort": "r", "reverse": "s"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ('sotr = "x"', "did you mean 'sort'"),
        ('sort = "r"', "'reverse'"),
        ('sort = "q"', "'leave'"),
        ('leave = "s"', "'sort'"),
        ('sort = "ctrl+"', "is no key"),
        ('sort = "hyper+k"', "is no key"),
        ('sort = "no such key"', "is no key"),
        ("sort = 3", "is no key"),
        ("sort = []", "no key for 'sort'"),
        ('sort = "f5,f6"', "is no key"),
        ('sort = "enter"', "enter"),
        ('sort = "ctrl+c"', "ctrl+c"),
        ('sort = "\\u001b[2J"', "is no key"),
        ("sort = ", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_that_names_the_file(tmp_path: Path, typed: str, says: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(typed)
    with pytest.raises(RequestError) as caught:
        load_keys(path)
    text = str(caught.value)
    assert says in text
    assert str(path) in text
    assert text.isprintable()
    assert caught.value.exit_code == 2


def test_the_table_has_every_action_once_with_the_keys_as_they_are() -> None:
    rows = {row[0]: row for row in table({"sort": "f5,S"})}
    assert len(rows) == len(table({}))
    assert rows["sort"][1] == "f5 S"
    assert rows["all"][1] == "a 0"
    assert rows["leave"][2] == "all"
    assert "browse" in rows["sort"][2].split()
    assert all(all(row) for row in rows.values())


def test_a_changed_key_works_the_old_one_does_not_and_help_and_palette_show_it(view: BrowseView) -> None:
    app = app_on(view, mode="none", liked=Preferences(keymap={"reverse": "f5"}))

    async def go() -> None:
        async with app.run_test(size=(120, 60)) as pilot:
            await pilot.pause()
            before = app.desk.listing.descending
            await pilot.press("r")
            assert app.desk.listing.descending == before
            await pilot.press("f5")
            assert app.desk.listing.descending != before
            assert "Reverse (f5)" in {command.title for command in app.get_system_commands(app.screen)}
            await pilot.press("question_mark")
            await pilot.pause()
            lines = [strip.text for strip in app.screen._compositor.render_strips()]
            assert any("f5" in line and "Reverse the order" in line for line in lines)

    asyncio.run(go())


def test_the_page_about_the_screens_names_keys_that_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "screens.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    typed = {key for row in rows for key in re.findall("`([^`]+)`", row)}
    assert len(typed) > 30
    known = {key for row in table({}) for key in row[1].split()}
    assert typed <= known
