"""What can be done with images on the wall: selected, tagged, taken, browsed, and printed by a command."""

import json
from pathlib import Path

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.wall import WallScreen
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import fake_view
from tests.app.reading import words
from tests.app.screens.on_wall import ALL, Pilots, hung, on, run, seen
from tests.app.waiting import until
from tests.functional.test_contract import dejavu


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


def test_picking_takes_the_selected(view: BrowseView) -> None:
    app = on(view, pick=True)

    async def act(pilot: Pilots, _: WallScreen) -> None:
        await pilot.press("right", "space", "space", "enter")

    run(app, act)
    assert app.return_value == tuple(app.desk.listed[1:3])


def test_the_command_prints_the_images_in_order(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: WallScreen) -> None:
        await pilot.press("a")
        screen.sort_by("gap")
        done = dejavu(*screen.twin()[1:], "--format", "jsonl", cwd=planted.root.parent)
        assert done.returncode == 0, done.stderr
        printed = [json.loads(line)["image_id"] for line in done.stdout.splitlines()]
        assert printed == screen.desk.listed.tolist()

    run(make_app(planted, open_view(planted), mode="none", start="wall", listing=ALL), act)
