"""Which classes are remembered."""

import asyncio
import io
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.screens.classes import ClassesScreen
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words.classlines import FEW, SORTS, class_table
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.listing.places import of_field
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import CLASSES, app_on, fake_view
from tests.app.waiting import app_of, until
from tests.functional.test_contract import dejavu

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, ClassesScreen], Awaitable[None]]


def drive(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = pilot.app.screen_stack[0]
            assert isinstance(screen, ClassesScreen)
            await act(pilot, screen)

    asyncio.run(go())


def on(view: BrowseView, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    drive(app_on(view, mode="none", start="classes"), act, size=size)


def words(screen: ClassesScreen) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


def told(screen: ClassesScreen, part: str) -> str:
    return str(screen.query_one(f"#{part}", Static).content)


def names(screen: ClassesScreen) -> list[str]:
    return [line.name for line in screen.ledger.rows]


def asked(screen: ClassesScreen, field: str) -> tuple[str, ...]:
    return of_field(screen.desk.listing.filter, field)


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
        assert "no control images" in str([*app_of(pilot)._notifications][-1].message)

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


def test_names_out_of_files_are_shown_as_they_are(tmp_path: Path) -> None:
    hostile = ("[b]x[/b]", "\x1b[31mred\x07", "a\u202eb", 'quo"te\\,x', "-minus:1", "漢字" * 40)

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        shown = words(screen)
        assert "[b]x[/b]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert all(strip.cell_length == 80 for strip in screen._compositor.render_strips())
        for place, name in enumerate(names(screen)):
            await pilot.press("L", "less_than_sign", *["down"] * place, "enter")
            await pilot.pause()
            assert asked(screen, "class") == (name,)
            assert len(screen.desk.listed) == 10

    on(fake_view(tmp_path, draw=False, classes=hostile), act)


def test_any_size_will_do(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        for width, height in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (40, 12)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            await pilot.press(*random.Random(width).sample(["down", "up", "pagedown", "home", "end", "r", "e"], 7))
            shown = screen._compositor.render_strips()
            assert all(strip.cell_length == width for strip in shown)
        assert "gap" in words(screen)
        assert "▸" in words(screen)
        await pilot.press("home", "down")
        assert screen.ledger.cursor == 1

    on(view, act)


def test_a_thousand_classes_are_gone_through_by_keys_and_wheel(tmp_path: Path) -> None:
    many = tuple(f"class {number:04d}" for number in range(1000))

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        await pilot.press("end")
        await pilot.pause()
        assert screen.ledger.cursor == 999
        assert names(screen)[-1] in words(screen)
        await pilot.press("pageup", "k")
        await pilot.pause()
        assert names(screen)[screen.ledger.cursor] in words(screen)
        await pilot.press("home")
        await pilot.pause()
        assert names(screen)[0] in words(screen)
        screen.ledger.scroll_to(y=500, animate=False, immediate=True)
        await pilot.pause()
        await pilot.click(Ledger, offset=(5, 2))
        assert screen.ledger.cursor == 501

    on(fake_view(tmp_path, draw=False, attacked=2000, classes=many), act)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "x".join(map(str, size)))
def test_picture(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, draw=False, attacked=95), mode="none", start="classes")

    async def settle(pilot: Pilots) -> None:
        app.theme = theme
        await until(pilot, lambda: bool(app.screen.query_one(Ledger).rows))
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
