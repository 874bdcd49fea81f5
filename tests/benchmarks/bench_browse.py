"""How long the screens need for their first paint, and from a key to the paint that answers it."""

import asyncio
from pathlib import Path

import pytest

from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.workflows.browse import BrowseView
from tests.benchmarks.painting import CORES, Clock, Stopwatch, Took, opened, p95, told, view_of

KEYS = ["down"] * 60 + ["pagedown"] * 20 + ["greater_than_sign", "up", "less_than_sign"]
ROWS = pytest.mark.parametrize("rows", [1_000, 1_000_000])


@pytest.mark.bench
@ROWS
def test_first_paint_and_key_to_paint(rows: int, tmp_path: Path) -> None:
    """Budgets on two cores: first paint within 1 s, 95% of keys painted within 50 ms."""
    first, keys = asyncio.run(_measure(view_of(tmp_path, rows)))
    print(f"\n{rows:,} rows, {CORES}: first paint {first}, {told('key to paint', keys)}")
    assert first.wall < 1
    assert p95(keys).wall < 0.05


@pytest.mark.bench
@ROWS
def test_sort_and_filter(rows: int, tmp_path: Path) -> None:
    """From the key to the paint of another order, another kind, another filter: within a second."""
    took = asyncio.run(_list_anew(view_of(tmp_path, rows)))
    print(f"\n{rows:,} rows, {CORES}: " + ", ".join(f"{what} {took[what]}" for what in took))
    assert max(took.values()).wall < 1


@pytest.mark.bench
@pytest.mark.parametrize(("screen", "keys"), [("wall", ["right", "down", "pagedown"]), ("map", ["right", "down"])])
@ROWS
def test_other_screens(screen: str, keys: list[str], rows: int, tmp_path: Path) -> None:
    """Budgets as in Browse, for screens that show all that is listed."""
    first, pressed = asyncio.run(_go_to(view_of(tmp_path, rows), screen, keys * 12))
    print(f"\n{screen}, {rows:,} rows, {CORES}: first paint {first}, {told('key to paint', pressed)}")
    assert first.wall < 1
    assert p95(pressed).wall < 0.05


async def _measure(view: BrowseView) -> tuple[Took, list[Took]]:
    watch = Stopwatch()
    app = opened(view)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        first = watch.took()
        await pilot.pause(0.5)
        table = app.screen.query_one(SampleTable)
        keys = []
        with Clock(app).running() as clock:
            for key in KEYS:
                keys.append(await clock.key(key, moved=lambda: table.cursor_row))
                await pilot.pause(0.01)
        assert table.cursor_row == 0
    return first, keys


async def _list_anew(view: BrowseView) -> dict[str, Took]:
    app = opened(view)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        with Clock(app).running() as clock:
            took = {
                what: await clock.key(key, moved=lambda: app.desk.stamp)
                for what, key in (("reverse", "r"), ("all kinds", "a"), ("correlated", "2"), ("memorized", "1"))
            }
            await pilot.press("slash", *" conf>-1 class~a")
            took["typed filter"] = await clock.key("enter", moved=lambda: app.desk.stamp)
    return took


async def _go_to(view: BrowseView, name: str, keys: list[str]) -> tuple[Took, list[Took]]:
    app = opened(view)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        with Clock(app).running() as clock:
            first = await clock.key(name[0].upper(), moved=lambda: app.current_mode)
            await pilot.pause(1)
            pressed = []
            for key in keys:
                pressed.append(await clock.key(key))
                await pilot.pause(0.3)
    return first, pressed
