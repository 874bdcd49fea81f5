"""The box on the map: drawn by keys and by the mouse, counted, browsed, zoomed into, and printed by a command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.app.application import make_app
from dejavu_tui.app.plane.frame import MARGIN
from dejavu_tui.app.screens.map import MapScreen
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import fake_view
from tests.app.reading import lines, notices, words
from tests.app.screens.on_map import ALL, Pilots, on, row_of, run, told
from tests.app.waiting import until
from tests.functional.test_contract import dejavu


@pytest.mark.parametrize("key", ["space", "v"])
def test_a_box_is_counted_and_enter_browses_it(view: BrowseView, key: str) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("less_than_sign", key, *["shift+left"] * 3, *["down"] * 4, key)
        area = screen.scatter.area
        assert area is not None
        target, reference = screen.scatter.points.target, screen.scatter.points.reference
        inside = set(screen.desk.listed[area.holds(target, reference)].tolist())
        assert told(screen, "box").startswith(f"{len(inside)} in the box")
        assert "┌" in words(screen)
        await pilot.press("up", "up")
        assert screen.scatter.area == area, "pressed again, the key leaves the box as it is"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        assert set(screen.desk.listed.tolist()) == inside
        assert [term.field for term in screen.desk.listing.filter.terms] == ["kind", "conf", "rconf"]

    run(on(view, listing=replace(ALL, filter=parse("-kind:correlated"))), act)


def test_escape_takes_the_box_away_then_terms(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("space", "down", "escape")
        assert screen.scatter.area is None
        assert len(screen.desk.listing.filter.terms) == 2
        await pilot.press("escape")
        assert str(screen.desk.listing.filter) == "kind:memorized"
        await pilot.press("left", "left")
        assert screen.scatter.area is None

    run(on(view, listing=replace(ALL, filter=parse("kind:memorized conf>-3"))), act)


def test_an_empty_box_is_said_and_not_browsed(tmp_path: Path) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        row, column = np.argwhere(scatter._cloud.number == 0)[0]
        scatter._go(scatter._plane.middle(int(column), int(row)))
        await pilot.press("space", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MapScreen)
        assert "No listed image" in notices(pilot.app)[-1]

    run(on(fake_view(tmp_path, attacked=3)), act)


def test_the_mouse_draws_a_box_and_two_clicks_browse(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        await pilot.mouse_down(scatter, offset=(MARGIN + 40, 2))
        await pilot.hover(scatter, offset=(MARGIN + 45, 4))
        await pilot.hover(scatter, offset=(MARGIN + 60, 9))
        await pilot.mouse_up(scatter, offset=(MARGIN + 60, 9))
        assert scatter.area is not None
        assert scatter._plane.cells(scatter.area) == (40, 2, 60, 9)
        await pilot.hover(scatter, offset=(MARGIN + 10, 1))
        assert scatter._plane.cells(scatter.area) == (40, 2, 60, 9)
        await pilot.click(scatter, offset=(MARGIN + 20, 5))
        assert scatter.area is None
        assert scatter._plane.cell(scatter.at) == (20, 5)
        await pilot.click(scatter, offset=(MARGIN + 20, 5), times=2)
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")

    run(on(view), act)


def test_the_box_stays_where_it_is_in_another_size(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("space", "shift+left", "shift+left", "pagedown", "space")
        area, inside = screen.scatter.area, screen.scatter.inside
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("up", "down")
            assert (screen.scatter.area, screen.scatter.inside) == (area, inside)
            assert all(len(line) <= max(size[0], 2) for line in lines(screen))
        assert "┌" in words(screen)

    run(on(view), act)


def test_zoom_shows_what_is_in_the_box_and_all_again(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        await pilot.press("space", *["shift+left"] * 4, "pagedown", "space")
        assert scatter.area is not None
        held = scatter.area.holds(scatter.points.target, scatter.points.reference)
        await pilot.press("plus")
        assert scatter.area is None
        assert scatter._cloud.number.sum() >= held.sum()
        window = scatter._plane.window
        assert window.holds(scatter.points.target[held], scatter.points.reference[held]).all()
        assert scatter._cloud.number.sum() < len(scatter.points)
        for key in ("left", "down", "shift+right", "up"):
            await pilot.press(key)
            assert window.holds(
                *(np.array(row_of(screen)[f"{role}_confidence"]) for role in ("target", "reference"))
            )
        outside = screen.desk.listed[~window.holds(scatter.points.target, scatter.points.reference)]
        screen.jump(int(outside[0]))
        assert scatter._plane.window == scatter.points.whole, "an image that would not be seen"
        await pilot.press("plus")
        assert scatter._cloud.number.sum() == len(scatter.points)
        await pilot.press("underscore")
        assert scatter._plane.window == scatter.points.whole

    run(on(view), act)


def test_the_command_prints_what_is_drawn_and_what_is_in_the_box(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        for keys in (("a",), ("space", "shift+left", "pagedown")):
            await pilot.press(*keys)
            done = dejavu(*screen.twin()[1:], "--format", "jsonl", cwd=planted.root.parent)
            assert done.returncode == 0, done.stderr
            printed = [json.loads(line) for line in done.stdout.splitlines()]
            scatter, area = screen.scatter, screen.scatter.area
            points = scatter.points
            held = slice(None) if area is None else area.holds(points.target, points.reference)
            assert [row["target_confidence"] for row in printed] == pytest.approx(points.target[held].tolist())
            assert [row["reference_confidence"] for row in printed] == pytest.approx(
                points.reference[held].tolist()
            )

    run(make_app(planted, open_view(planted), mode="none", start="map", listing=OPENING), act)
