"""The wall: pages of thumbnails in the order of the listing."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.screens.wall import WallScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.tiles import CAPTION, LEAST, arrange, suiting
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import until
from tests.functional.test_contract import dejavu

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, WallScreen], Awaitable[None]]
ALL = Listing(parse(""), sort="conf", descending=True)


def run(app: DejavuApp, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            screen = app.screen_stack[0]
            assert isinstance(screen, WallScreen)
            await hung(pilot, screen)
            await act(pilot, screen)

    asyncio.run(go())


async def hung(pilot: Pilots, screen: WallScreen) -> None:
    """Wait until the page is there."""
    await pilot.pause()
    await until(pilot, lambda: hangs(screen))
    await pilot.pause()


def hangs(screen: WallScreen) -> bool:
    asked = [picture._asked[0] if picture._asked else None for picture in seen(screen)]
    there = not any(picture.waiting for picture in seen(screen))
    return there and asked == [thumbnail.path for thumbnail in screen.tiles.thumbnails]


def on(view: BrowseView, *, listing: Listing = ALL, **options: Any) -> DejavuApp:
    return app_on(view, start="wall", listing=listing, **options)


def seen(screen: WallScreen) -> list[Picture]:
    return [picture for picture in screen.query(Picture) if picture.region.area][: len(screen.tiles.thumbnails)]


def ids(screen: WallScreen) -> list[int]:
    return [thumbnail.image_id for thumbnail in screen.tiles.thumbnails]


def words(screen: WallScreen) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 20), (40, 12)])
def test_a_page_fills_the_window_in_the_order_of_the_listing(view: BrowseView, size: tuple[int, int]) -> None:
    async def act(_: Pilots, screen: WallScreen) -> None:
        arranged = screen.tiles.arrangement
        assert ids(screen) == screen.desk.listed[: arranged.tiles].tolist()
        assert len(seen(screen)) == len(ids(screen))
        for picture in seen(screen):
            assert isinstance(picture.shown, Image.Image)
            assert picture.region.right <= size[0]
            assert picture.region.bottom + CAPTION <= screen.tiles.region.bottom
            assert picture.size.height >= LEAST
        shown, samples = words(screen), screen.desk.view.samples
        for image_id in ids(screen):
            row = samples.row(image_id, named=True)
            assert str(image_id) in shown
            assert f"{KIND_SIGNS[row['kind']]} {row['label_name'][:5]}" in shown

    run(on(view), act, size=size)


@pytest.mark.parametrize("tile", [8, 18, 30, 60, 400])
@pytest.mark.parametrize("size", [(1, 1), (38, 9), (78, 19), (118, 35), (198, 55), (300, 6), (20, 90)])
def test_tiles_fit(size: tuple[int, int], tile: int) -> None:
    arranged = arrange(*size, tile=tile)
    assert arranged.columns * (arranged.width + 1) - 1 <= size[0]
    assert arranged.rows * (arranged.height + CAPTION) <= max(size[1], 1 + CAPTION)
    assert arranged.width >= 2 * arranged.height - 1


@pytest.mark.parametrize(("size", "least"), [((38, 8), 3), ((57, 14), 8), ((78, 19), 8), ((118, 35), 15)])
def test_small_windows_have_smaller_tiles(size: tuple[int, int], least: int) -> None:
    arranged = arrange(*size, tile=suiting(size[1]))
    assert arranged.tiles >= least
    assert arranged.height >= LEAST


@pytest.mark.parametrize("keys", [("right", "left", "down", "up"), ("l", "h", "j", "k")])
def test_keys_move_the_cursor_and_turn_the_page(view: BrowseView, keys: tuple[str, ...]) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        right, left, down, up = keys
        listed = screen.desk.listed.tolist()
        columns, tiles = screen.tiles.arrangement.columns, screen.tiles.arrangement.tiles
        expected = 0
        moves = [
            *((right, 1), (down, columns), (up, -columns), (left, -1), (left, -1)),
            *(("pagedown", tiles), (right, 1), ("pageup", -tiles), ("end", 10**6), ("home", -(10**6))),
            *(("greater_than_sign", 10**6), ("less_than_sign", -(10**6)), *[(down, columns)] * 4),
        ]
        for key, by in moves:
            await pilot.press(key)
            expected = min(max(expected + by, 0), len(listed) - 1)
            assert screen.desk.image_id == listed[expected]
            first = expected // tiles * tiles
            await pilot.pause()
            assert ids(screen) == listed[first : first + tiles]
            assert [one.image_id for one in screen.tiles.thumbnails if one.here] == [listed[expected]]

    run(on(view), act)


def test_select_range_and_marks(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        listed = screen.desk.listed.tolist()
        await pilot.press("space", "right", "v", "right", "right")
        await pilot.pause()
        signs = [one.sign for one in screen.tiles.thumbnails]
        assert signs[:6] == ["●", " ", "○", "○", "○", " "]
        await pilot.press("v")
        assert list(screen.desk.selected) == [listed[place] for place in (0, 2, 3, 4)]
        assert words(screen).count("●") >= 4

    run(on(view), act)


def test_tags_are_shown_given_and_taken_back(tmp_path: Path) -> None:
    TagFile(tmp_path).tag([4], tag="odd")

    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await until(pilot, lambda: "#odd" in words(screen))
        await pilot.press("less_than_sign", "t")
        await pilot.pause()
        await pilot.press(*"clear", "enter")
        await until(pilot, lambda: "#clear" in words(screen))
        await pilot.press("z")
        await until(pilot, lambda: "#clear" not in words(screen))

    run(on(fake_view(tmp_path, attacked=9)), act)


def test_size_of_the_pictures_is_kept(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        before = screen.tiles.arrangement
        image_id = screen.desk.image_id
        await pilot.press("plus")
        await hung(pilot, screen)
        larger = screen.tiles.arrangement
        assert larger.height > before.height
        assert larger.tiles < before.tiles
        await pilot.press("plus", "plus")
        assert screen.tiles.arrangement.rows == 1
        await pilot.press("underscore")
        await hung(pilot, screen)
        assert screen.tiles.arrangement == before
        for _ in range(9):
            await pilot.press("underscore")
        await hung(pilot, screen)
        assert screen.tiles.arrangement.height >= LEAST
        assert screen.desk.image_id == image_id
        assert screen.desk.kept["wall tiles"].isdecimal()

    run(on(view), act)


@pytest.mark.parametrize("kept", ["", "x", "0", "-4", "99999999999", "12"])
def test_whatever_was_kept(view: BrowseView, kept: str) -> None:
    app = on(view)
    app.desk.kept["wall tiles"] = kept

    async def act(_: Pilots, screen: WallScreen) -> None:
        assert ids(screen)

    run(app, act)


def test_enter_and_two_clicks_browse(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await pilot.press("right", "enter")
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        assert screen.desk.image_id == screen.desk.listed[1]
        await pilot.press("W")
        await hung(pilot, screen)
        await pilot.click(seen(screen)[3])
        assert screen.desk.image_id == screen.desk.listed[3]
        await pilot.click(seen(screen)[2], times=2)
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        assert screen.desk.image_id == screen.desk.listed[2]

    run(on(view), act)


def test_the_wheel_turns_pages(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        tiles = screen.tiles.arrangement.tiles
        await pilot._post_mouse_events([MouseScrollDown], widget=seen(screen)[0])
        await pilot.pause()
        assert ids(screen)[0] == screen.desk.listed[tiles]

    run(on(view), act)


def test_picking_takes_the_selected(view: BrowseView) -> None:
    app = on(view, pick=True)

    async def act(pilot: Pilots, _: WallScreen) -> None:
        await pilot.press("right", "space", "space", "enter")

    run(app, act)
    assert app.return_value == tuple(app.desk.listed[1:3])


def test_the_pages_around_are_made_ahead(tmp_path: Path) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        tiles = screen.tiles.arrangement.tiles
        after = screen.desk.listed[tiles : 2 * tiles].tolist()
        picture = seen(screen)[0]
        wanted = [picture.foresee(tmp_path / screen.desk.view.image(one)[0]) for one in after]
        await until(pilot, lambda: all(screen.desk.gallery.at_hand(one) is not None for one in wanted))
        await pilot.press("pagedown")
        await pilot.pause()
        assert hangs(screen)

    run(on(fake_view(tmp_path)), act)


def test_any_size_will_do(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await pilot.press(*["right"] * 7)
        image_id = screen.desk.image_id
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("right", "left")
            assert screen.desk.image_id == image_id
        await hung(pilot, screen)
        assert image_id in ids(screen)

    run(on(view), act)


def test_nothing_listed_says_why(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        assert "conf>1 lists 0" in str(screen.query_one("#empty", Static).content)
        await pilot.press("right", "pagedown", "greater_than_sign", "space", "plus", "underscore", "escape")
        await hung(pilot, screen)
        assert ids(screen)

    run(on(view, listing=replace(ALL, filter=parse("kind:memorized conf>1"))), act)


@pytest.mark.parametrize("attacked", [0, 1])
def test_hardly_any_image(tmp_path: Path, attacked: int) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await pilot.press("right", "space", "pagedown", "v", "pageup", "v", "i")
        assert ids(screen) == list(range(attacked))

    run(on(fake_view(tmp_path, attacked=attacked)), act)


def test_names_are_shown_as_they_are_and_a_broken_image_is_said(tmp_path: Path) -> None:
    hostile = ("[red]x[/]", "\x1b[31mred", "a\nb", "\u202egpj")
    view = fake_view(tmp_path, attacked=9, classes=hostile)
    os.truncate(tmp_path / view.image(0)[0], 20)

    async def act(_: Pilots, screen: WallScreen) -> None:
        shown = words(screen)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        for text in ("[red]x[/]", "\\x1b[31mred", "a\\x0ab", "\\u202egpj"):
            assert text in shown
        assert isinstance(seen(screen)[ids(screen).index(0)].shown, str)

    run(on(view), act, size=(120, 40))


def test_the_command_prints_the_images_in_order(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await pilot.press("a")
        screen.sort_by("gap")
        done = dejavu(*screen.twin()[1:], "--format", "jsonl", cwd=planted.root.parent)
        assert done.returncode == 0, done.stderr
        printed = [json.loads(line)["image_id"] for line in done.stdout.splitlines()]
        assert printed == screen.desk.listed.tolist()

    run(make_app(planted, open_view(planted), mode="none", start="wall", listing=ALL), act)
