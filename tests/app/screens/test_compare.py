"""One image followed over snapshots, layers and runs."""

import json

import polars as pl
import pytest

from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.app.widgets.answers import Tile
from dejavu_tui.app.widgets.pointpanel import PointPanel
from dejavu_tui.app.widgets.strip import PointStrip
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.workspace import Audit
from tests.app.reading import text
from tests.app.screens.on_compare import Pilots, compare, settled, strip
from tests.app.waiting import until
from tests.data.planted import RUN
from tests.functional.test_contract import dejavu


def test_tells_since_when_the_image_is_memorized_and_shows_both_answers_at_each_snapshot(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        assert screen.course is not None
        table = screen.course.found.table
        assert table["epoch"].to_list() == [10, 20]
        since = 10 if table["kind"][0] == "memorized" else 20
        assert text(screen, "#story").startswith(f"memorized since epoch {since}")
        shown = "\n".join(strip(screen))
        for row in table.iter_rows(named=True):
            for fact in (row["epoch"], f"{row['target_confidence'] + 0.0:.3f}", row["reference_guess_name"]):
                assert str(fact) in shown
        assert screen.station
        assert screen.station.point.epoch == 20
        target = screen.query_one("#target", PointPanel)._now
        assert target
        assert [n.image_id for n in target[0].neighbours] == table["target_neighbours"][1].to_list()
        await pilot.press("left")
        target = screen.query_one("#target", PointPanel)._now
        assert target
        assert [n.image_id for n in target[0].neighbours] == table["target_neighbours"][0].to_list()
        await pilot.press("h", "left")
        assert screen.place == 0
        await pilot.press("l", "right", "right")
        assert screen.place == 1

    compare(planted, act)


def test_new_neighbours_carry_a_star(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        marked = set()
        for _ in range(len(screen.desk.listed)):
            await settled(pilot)
            assert screen.course is not None
            before, now = screen.course.found.table["target_neighbours"].to_list()
            tiles = [tile for tile in screen.query_one("#target", PointPanel).query(Tile) if tile.display]
            starred = [str(tile.caption.content).split("\n")[0].endswith("*") for tile in tiles]
            assert starred == [image_id not in before for image_id in now[: len(tiles)]]
            marked |= set(starred)
            await pilot.press("down")
        assert marked == {True, False}
        assert "* new since epoch 10" in text(screen, "#legend")

    compare(planted, act, size=(120, 40))


def test_over_layers_and_runs_the_cursor_starts_at_what_is_on_the_desk(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        await pilot.press("m")
        await settled(pilot)
        assert screen.course is not None
        assert [one.point.layer for one in screen.course.stations] == list(screen.desk.view.layers)
        assert screen.station
        assert screen.station.point.layer == screen.desk.view.layer
        assert "not stored" in "\n".join(strip(screen))
        await pilot.press("m")
        await settled(pilot)
        assert [one.point.run for one in screen.course.stations] == [RUN]
        await pilot.press("m")
        await settled(pilot)
        assert screen.tracing.over == "epochs"

    compare(planted, act)


def test_an_image_that_is_not_attacked_and_an_empty_list_say_so(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        desk = screen.desk
        desk.image_id = int(planted.members("X")["image_id"][0])
        screen.changed()
        await settled(pilot)
        assert "only images of A, B and E are attacked" in text(screen, "#why")
        desk.ask(Listing(parse("kind:memorized kind:correlated"), "conf", descending=True))
        desk.image_id = None
        screen.changed()
        await until(pilot, lambda: "No image is looked at" in text(screen, "#why"))
        for key in ("down", "left", "enter", "b", "n", "m", "space", "escape"):
            await pilot.press(key)
        desk.image_id = int(desk.view.samples["image_id"][0])
        screen.changed()
        await until(pilot, lambda: not screen.has_class("-nothing"))

    compare(planted, act)


def test_a_click_and_the_wheel_move_along_the_points(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        points = screen.query_one(PointStrip)
        await pilot.click(PointStrip, offset=(15, 2))
        assert screen.place == 0
        await pilot.click(PointStrip, offset=(3, 1))
        assert screen.place == 0
        for by, place in ((1, 1), (1, 1), (-1, 0), (-1, 0)):
            points._turn(by)
            await pilot.pause()
            assert screen.place == place

    compare(planted, act)


def test_farther_neighbours(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        panel = screen.query_one("#reference", PointPanel)
        seen = panel.arrangement.tiles

        def first() -> int:
            assert panel._now is not None
            return panel._now[2]

        await pilot.press("n")
        assert first() == seen
        await pilot.press("n", "n", "n", "n", "n", "n", "n")
        assert first() == (screen.desk.view.k - 1) // seen * seen
        await pilot.press(*["N"] * 9)
        assert first() == 0

    compare(planted, act)


def test_prints_the_same_with_its_command(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for over in ("epochs", "layers", "runs"):
            await settled(pilot)
            words = screen.twin()
            assert words[0] == "dejavu"
            assert over in words
            done = dejavu(*words[1:], "--format", "jsonl", cwd=planted.root.parent)
            assert done.returncode == 0, done.stderr
            printed = [json.loads(line) for line in done.stdout.splitlines()]
            assert screen.course is not None
            table = screen.course.found.table
            assert [row["kind"] for row in printed] == table["kind"].to_list()
            assert [row["target_confidence"] for row in printed] == pytest.approx(
                table["target_confidence"].to_list()
            )
            await pilot.press("m")

    compare(planted, act)


def test_hostile_names_are_shown_as_they_are(planted: Audit) -> None:
    names = dict.fromkeys(range(4), "\x1b]52;c;aGk=\x07[/red][@click=app.quit]x\u202e")

    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        view = screen.desk.view
        images = view.images.with_columns(label_name=pl.lit(names[0]))
        view.__dict__.pop("label_names", None)
        object.__setattr__(view, "images", images)
        assert screen.course is not None
        table = screen.course.found.table
        hostile = table.with_columns(
            pl.lit(names[0]).alias(name) for name in ("label_name", "target_guess_name", "reference_guess_name")
        )
        object.__setattr__(screen.course.found, "table", hostile)
        screen.course.stations[0].row.update(target_guess_name=names[0])  # type: ignore[union-attr]
        screen.course.stations[1].row.update(target_guess_name=names[0], label_name=names[0])  # type: ignore[union-attr]
        screen._write()
        await pilot.pause()
        shown = "\n".join([text(screen, "#image"), *strip(screen)])
        assert "\\x1b]52" in shown
        assert not any(ch in shown for ch in "\x1b\x07\u202e")
        assert "\x1b]52" not in pilot.app.export_screenshot()

    compare(planted, act, size=(200, 60))
