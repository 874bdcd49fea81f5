"""The map of both confidences: what is drawn, where keys and the mouse lead, what a box makes of the filter."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.plane.frame import MARGIN
from dejavu_tui.app.screens.map import MapScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import until
from tests.functional.test_contract import dejavu

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, MapScreen], Awaitable[None]]
ALL = Listing(parse(""), sort="conf", descending=True)


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = app.screen_stack[0]
            assert isinstance(screen, MapScreen)
            await act(pilot, screen)

    asyncio.run(go())


def on(view: BrowseView, *, listing: Listing = ALL) -> DejavuApp:
    return app_on(view, start="map", listing=listing)


def words(screen: MapScreen) -> list[str]:
    return [strip.text for strip in screen._compositor.render_strips()]


def told(screen: MapScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).content)


def row_of(screen: MapScreen) -> dict[str, float]:
    return screen.desk.view.samples.row(by_predicate=pl.col("image_id") == screen.desk.image_id, named=True)


def test_opens_on_the_image_that_is_looked_at_and_names_it(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        row = row_of(screen)
        assert screen.desk.image_id == screen.desk.listed[0]
        assert screen.scatter.at == (row["target_confidence"], row["reference_confidence"])
        near = told(screen, "near")
        for text in (row["image_id"], row["label_name"], row["kind"], f"{row['target_confidence']:.3f}"):
            assert str(text) in near
        await pilot.pause()
        assert "target confidence, nats" in "\n".join(words(screen))

    run(on(view), act)


@pytest.mark.parametrize(
    ("key", "by"),
    [("left", (-1, 0)), ("h", (-1, 0)), ("right", (1, 0)), ("l", (1, 0)), ("up", (0, -1)), ("k", (0, -1)),
     ("down", (0, 1)), ("j", (0, 1)), ("shift+left", (-8, 0)), ("shift+right", (8, 0)), ("shift+up", (0, -4)),
     ("pageup", (0, -4)), ("shift+down", (0, 4)), ("pagedown", (0, 4))],
)  # fmt: skip
def test_keys_move_the_cursor_by_cells_and_the_nearest_image_is_looked_at(
    view: BrowseView, key: str, by: tuple[int, int]
) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        scatter._go(scatter._plane.middle(30, 7))
        before = scatter._plane.cell(scatter.at)
        await pilot.press(key)
        after = scatter._plane.cell(scatter.at)
        assert (after[0] - before[0], after[1] - before[1]) == by
        across, down = scatter._plane.dots(scatter.points.target, scatter.points.reference)
        x, y = (int(dot) for dot in scatter._plane.dots(*map(np.array, scatter.at)))
        distances = (across - x) ** 2 + (down - y) ** 2
        place = screen.desk.listed.tolist().index(screen.desk.image_id)
        assert distances[place] == distances.min()

    run(on(view), act)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
def test_names_the_image_that_is_looked_at_even_where_others_are_on_the_same_dot(
    view: BrowseView, size: tuple[int, int]
) -> None:
    flat = pl.lit(-1.0)
    samples = view.samples.with_columns(target_confidence=flat, reference_confidence=flat)

    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.pause()
        assert told(screen, "near").startswith("7 ")
        assert f"+{samples.height - 1} here" in told(screen, "near")

    app = on(replace(view, samples=samples))
    app.desk.image_id = 7
    run(app, act, size=size)


def test_an_image_that_is_not_listed_gives_way_to_the_nearest(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("1")
        other = next(one for one in screen.desk.view.samples["image_id"] if one not in screen.desk.listed)
        screen.desk.image_id = other
        screen.changed()
        named = told(screen, "near").split()[0]
        assert int(named) in screen.desk.listed
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        assert screen.desk.image_id == int(named)

    run(on(view), act)


def test_the_ends_are_the_ends_of_the_listing(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        for key, place in (("greater_than_sign", -1), ("less_than_sign", 0), ("end", -1), ("home", 0)):
            await pilot.press(key)
            assert screen.desk.image_id == screen.desk.listed[place]

    run(on(view), act)


@pytest.mark.parametrize("key", ["space", "v"])
def test_a_box_is_counted_and_enter_browses_it(view: BrowseView, key: str) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("less_than_sign", key, *["shift+left"] * 3, *["down"] * 4, key)
        area = screen.scatter.area
        assert area is not None
        target, reference = screen.scatter.points.target, screen.scatter.points.reference
        inside = set(screen.desk.listed[area.holds(target, reference)].tolist())
        assert told(screen, "box").startswith(f"{len(inside)} in the box")
        assert "┌" in "".join(words(screen))
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


def test_enter_without_a_box_browses_the_nearest_image(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("shift+left", "down", "enter")
        image_id = screen.desk.image_id
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        await pilot.pause()
        assert screen.desk.image_id == image_id
        assert len(screen.desk.listed) == view.samples.height

    run(on(view), act)


def test_an_empty_box_is_said_and_not_browsed(tmp_path: Path) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        row, column = np.argwhere(scatter._cloud.number == 0)[0]
        scatter._go(scatter._plane.middle(int(column), int(row)))
        await pilot.press("space", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MapScreen)
        assert any("No listed image" in str(notice.message) for notice in pilot.app._notifications)

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
            assert all(len(line) <= max(size[0], 2) for line in words(screen))
        assert "┌" in "".join(words(screen))

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


def test_kinds_can_be_told_without_colour(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        for number, kind in enumerate(KINDS, start=1):
            await pilot.press(str(number))
            await pilot.pause()
            assert f"{KIND_SIGNS[kind]} {kind}" in told(screen, "kinds")
            field = "".join(line[MARGIN:] for line in words(screen)[4:18])
            assert KIND_SIGNS[kind] in field
            assert not set(KIND_SIGNS.values()) - {KIND_SIGNS[kind]} & set(field)

    run(on(view), act)


def test_beside_a_wide_map_there_is_the_picture(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        picture = screen.query_one("#picture", Picture)
        await until(pilot, lambda: picture.shown is not None)
        await pilot.press("shift+left", "pagedown")
        await until(pilot, lambda: not picture.waiting)
        await asyncio.sleep(0.1)
        assert str(row_of(screen)["image_id"]) in told(screen, "facts")

    run(on(view), act, size=(120, 40))


def test_nothing_listed_says_why(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        assert "conf>1 lists 0" in told(screen, "empty")
        await pilot.press("left", "greater_than_sign", "space", "up", "plus", "underscore", "escape", "escape")
        await pilot.pause()
        assert len(screen.desk.listed)
        assert screen.query_one("#scatter").region.area

    run(on(view, listing=replace(ALL, filter=parse("kind:memorized conf>1"))), act)


@pytest.mark.parametrize("attacked", [0, 1])
def test_hardly_any_image(tmp_path: Path, attacked: int) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("left", "space", "up", "plus", "underscore", "greater_than_sign")
        await pilot.pause()
        assert len(screen.desk.listed) == attacked

    run(on(fake_view(tmp_path, attacked=attacked)), act)


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    hostile = ("[red]x[/]", "\x1b[31mred", "a\nb", "\u202egpj")

    async def act(_: Pilots, screen: MapScreen) -> None:
        shown = "\n".join(words(screen))
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert any(text in told(screen, "near") for text in ("[red]x[/]", "\\x1b[31mred", "a\\x0ab", "\\u202egpj"))

    run(on(fake_view(tmp_path, attacked=9, classes=hostile)), act, size=(120, 40))


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
