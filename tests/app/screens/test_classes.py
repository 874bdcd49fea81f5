"""Which classes are remembered."""

import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from textual.widgets import Input

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.classes import ClassesScreen
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words.classlines import FEW, SORTS, class_table
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import CLASSES, fake_view
from tests.app.reading import notices, words
from tests.app.screens.on_classes import Pilots, asked, drive, names, on, told
from tests.app.waiting import app_of
from tests.functional.test_contract import dejavu


def test_opens_with_the_largest_gap_first_and_tells_every_class(view: BrowseView) -> None:
    async def act(_: Pilots, screen: ClassesScreen) -> None:
        table = class_table(view).filter(direction="both").sort("gap", descending=True, maintain_order=True)
        assert names(screen) == table["label_name"].to_list()
        lines = words(screen).splitlines()[3 : 3 + len(CLASSES)]
        for line, row in zip(lines, table.iter_rows(named=True), strict=True):
            shown = line.removeprefix("▸").split()
            assert " ".join(shown[: len(row["label_name"].split())]) == row["label_name"]
            assert percent(row["accuracy_target"]) in shown
            assert percent(row["accuracy_reference"]) in shown
            assert percent(row["gap"], sign=True) in shown
            assert shown[-1] == percent(row["memorized"])
            assert f"({row['n']})" in shown or row["n"] >= FEW
            assert ("█" in line) == (row["gap"] > 0.01)
            assert ("▒" in line) == (row["gap"] < 0)
        assert f"{view.samples.height} attacked images of A and B" in told(screen, "summary")

    on(view, act)


def test_every_column_sorts_by_key_and_by_heading(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        table = class_table(view).filter(direction="both")
        for place, (column, (_, descending)) in enumerate(SORTS.items()):
            await pilot.press("s", "home", *["down"] * place, "enter")
            await pilot.pause()
            by = table[column].str.to_lowercase() if column == "label_name" else table[column]
            values = dict(zip(table["label_name"], by, strict=True))
            shown = [values[name] for name in names(screen)]
            expected = sorted(shown, reverse=descending)
            if screen.descending != descending:  # it was sorted by this already
                expected.reverse()
            assert shown == expected
            await pilot.press("r")
            assert [values[name] for name in names(screen)] == sorted(shown, reverse=shown == sorted(shown))
        x = 2
        for shown_column, width in screen.ledger.fitting(screen.ledger.size.width):
            await pilot.click(Ledger, offset=(x + 1, 0))
            assert screen.sort == ("gap" if shown_column.name == "bar" else shown_column.name)
            assert {"▾", "▴"} & set(words(screen).splitlines()[2][x : x + width]) or shown_column.name == "bar"
            x += width + 2

    on(view, act)


def test_enter_and_a_double_click_browse_the_class_and_numbers_one_kind_of_it(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        app = app_of(pilot)
        await pilot.press("down", "enter")
        name = names(screen)[1]
        assert app.front.NAME == "browse"
        assert (asked(screen, "class"), asked(screen, "kind")) == ((name,), ())
        expected = view.samples.filter(pl.col("label_name") == name, pl.col("part") != "E")
        assert sorted(screen.desk.listed) == expected["image_id"].to_list()
        for number, kind in enumerate(KINDS, start=1):
            await pilot.press("L", str(number))
            assert (asked(screen, "class"), asked(screen, "kind")) == ((name,), (kind,))
            assert app.front.NAME == "browse"
        await pilot.press("L")
        await pilot.click(Ledger, offset=(5, 3), times=2)
        await pilot.pause()
        assert app.front.NAME == "browse"
        assert asked(screen, "class") == (names(screen)[2],)

    on(view, act)


def test_classes_are_found_by_a_part_of_their_name(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        await pilot.press("slash", *"SHIRT", "enter")
        await pilot.pause()
        assert set(names(screen)) == {"Shirt", "T-shirt"}
        assert "2 classes with 'SHIRT'" in told(screen, "summary")
        await pilot.press("slash")
        assert pilot.app.screen.query_one(Input).value == "SHIRT"
        await pilot.press("x", "enter")
        await pilot.pause()
        assert names(screen) == []
        assert "No class has such a name" in words(screen)
        await pilot.press("enter", "down", "2", "s", "escape", "escape")
        await pilot.pause()
        assert len(names(screen)) == len(CLASSES)
        assert screen.query_one(Ledger).has_focus
        assert screen.ledger.row is not None
        assert "hirt" in screen.ledger.row.name

    on(view, act)


def test_at_another_snapshot_the_cursor_stays_on_its_class(view: BrowseView, folder: Path) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        await pilot.press("down", "down")
        name = names(screen)[2]
        screen.desk.show(fake_view(folder, epoch=400, draw=False))
        screen.changed()
        assert screen.ledger.row is not None
        assert screen.ledger.row.name == name
        assert names(screen)[0] != name
        table = class_table(screen.desk.view)
        (gap,) = table.filter(direction="both", label_name=name)["gap"]
        assert percent(gap, sign=True) in words(screen)

    on(view, act)


def test_what_is_told_is_what_the_command_prints_of_a_and_b_and_of_e(planted: Audit) -> None:
    app = make_app(planted, open_view(planted, epoch=10), mode="none", start="classes")

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        program, *twin = screen.twin()
        assert program == "dejavu"
        printed = dejavu(*twin, "--format", "csv", cwd=planted.root)
        assert printed.returncode == 0, printed.stderr
        table = pl.read_csv(io.StringIO(printed.stdout))
        assert table["epoch"].unique().to_list() == [10]
        for direction in ("both", "E", "both"):
            rows = {row["label_name"]: row for row in table.filter(direction=direction).iter_rows(named=True)}
            assert {line.name: line.values["n"] for line in screen.ledger.rows} == {
                name: row["n"] for name, row in rows.items()
            }
            for line in screen.ledger.rows:
                assert {name: line.values[name] for name in ("gap", *KINDS)} == pytest.approx(
                    {name: rows[line.name][name] for name in ("gap", *KINDS)}
                )
            await pilot.press("e")
        await pilot.press("enter")
        assert asked(screen, "part") == ("E",)
        assert len(screen.desk.listed) == 4

    drive(app, act)


def test_without_control_images_it_says_so(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        await pilot.press("e")
        assert screen.direction == "both"
        assert "no control images" in notices(pilot.app)[-1]

    on(view, act)


def test_a_class_without_attacked_images_and_an_audit_without_any(view: BrowseView) -> None:
    without = replace(view, samples=view.samples.filter(pl.col("label_name") != "Bag"))

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        assert names(screen)[-1] == "Bag"
        await pilot.press("greater_than_sign", "enter")
        assert "no image of this class" in told(screen, "words")
        assert app_of(pilot).front is screen
        screen.desk.show(replace(view, samples=view.samples.clear()))
        screen.changed()
        await pilot.press("enter", "s", "enter", "r", "up")
        assert "0 attacked images" in told(screen, "summary")

    on(without, act)
