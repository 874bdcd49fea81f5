"""The wall: pages of thumbnails in the order of the listing."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from textual.events import MouseScrollDown
from textual.widgets import Static

from dejavu_tui.app.screens.wall import WallScreen
from dejavu_tui.app.widgets.arrangement import Arrangement
from dejavu_tui.app.widgets.tiles import CAPTION, LEAST
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.listing.language import parse
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view
from tests.app.reading import words
from tests.app.screens.on_wall import ALL, Pilots, hangs, hung, ids, on, run, seen
from tests.app.waiting import until


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
        assert screen.tiles.arrangement != before
        assert screen.desk.image_id == image_id
        kept.update(screen.desk.kept)
        left.append(screen.tiles.arrangement)

    async def again(_: Pilots, screen: WallScreen) -> None:
        assert [screen.tiles.arrangement] == left

    kept: dict[str, str] = {}
    left: list[Arrangement] = []
    run(on(view), act)
    app = on(view)
    app.desk.kept.update(kept)
    run(app, again)


@pytest.mark.parametrize("kept", ["", "x", "0", "-4", "99999999999", "12"])
def test_whatever_was_kept(view: BrowseView, kept: str) -> None:
    app = on(view)
    app.desk.kept["wall tiles"] = kept

    async def act(_: Pilots, screen: WallScreen) -> None:
        assert ids(screen)

    run(app, act)


def test_the_wheel_turns_pages(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        tiles = screen.tiles.arrangement.tiles
        await pilot._post_mouse_events([MouseScrollDown], widget=seen(screen)[0])
        await pilot.pause()
        assert ids(screen)[0] == screen.desk.listed[tiles]

    run(on(view), act)


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
