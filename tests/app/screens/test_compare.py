"""One image followed over snapshots, layers and runs."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import polars as pl
import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.acts import tracing
from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.app.widgets.answers import Tile
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.app.widgets.pointpanel import PointPanel
from dejavu_tui.app.widgets.strip import PointStrip
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workflows.trace import Trace
from dejavu_tui.workspace import Audit
from tests.app.waiting import until
from tests.data.planted import RUN, planted_audit
from tests.functional.test_contract import dejavu

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, CompareScreen], Awaitable[None]]


def compare(audit: Audit, act: Act, *, size: tuple[int, int] = (80, 24), mode: Mode = "none") -> None:
    async def go() -> None:
        app = make_app(audit, open_view(audit), mode=mode, start="compare")
        async with app.run_test(size=size) as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


async def settled(pilot: Pilots) -> CompareScreen:
    """The screen, when the course of the image has come, or why there is none."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, CompareScreen)
    await pilot.pause()

    def there() -> bool:
        found = screen.course and screen.course.found
        mine = found and found.image_id == screen.desk.image_id and found.over == screen.tracing.over
        return bool(mine or screen.has_class("-nothing"))

    await until(pilot, there)
    await asyncio.sleep(0.1)
    await pilot.pause()
    return screen


def text(screen: CompareScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).content)


def strip(screen: CompareScreen) -> list[str]:
    return str(screen.query_one(PointStrip).content).split("\n")


def test_tells_since_when_the_image_is_memorized_and_shows_both_answers_at_each_snapshot(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        assert screen.course is not None
        table = screen.course.found.table
        assert table["epoch"].to_list() == [10, 20]
        assert text(screen, "#story").startswith(("memorized since epoch 20", "memorized since epoch 10"))
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


def test_up_and_down_walk_through_what_is_listed(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        desk = screen.desk
        listed = desk.listed.tolist()
        walk = [("down", 1), ("j", 2), ("k", 1), ("up", 0), ("up", 0), ("greater_than_sign", len(listed) - 1)]
        walk += [("down", len(listed) - 1), ("less_than_sign", 0), ("pagedown", min(10, len(listed) - 1))]
        for key, row in [*walk, ("pageup", 0)]:
            await pilot.press(key)
            assert desk.image_id == listed[row]
        await settled(pilot)
        assert str(listed[0]) in text(screen, "#image")
        await pilot.press("space")
        assert list(desk.selected) == [listed[0]]
        assert text(screen, "#image").startswith("●")
        await pilot.press("space")
        assert not desk.selected

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


def test_b_makes_the_point_under_the_cursor_and_then_all_others(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=14, attacked=3, memory={10: 0.0, 20: 1.0, 30: 1.0, 40: 1.0})

    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        def lacking() -> list[bool]:
            assert screen.course is not None
            return [one.kind is None for one in screen.course.stations]

        assert lacking() == [True, True, True, False]
        assert "or earlier: epoch 30 is not stored" in text(screen, "#story")
        await pilot.press("left", "left", "enter")
        assert screen.app.current_mode == "compare"
        await pilot.press("b")
        await until(pilot, lambda: not screen.tracing.building and sum(lacking()) == 2)
        assert lacking() == [True, False, True, False]
        await pilot.press("b")
        await until(pilot, lambda: not screen.tracing.building and not any(lacking()))
        assert text(screen, "#story") == "memorized since epoch 20"
        assert not screen.desk.busy
        await pilot.press("b")
        assert "stored" in str([notice.message for notice in screen.app._notifications])

    compare(audit, act)


def test_making_stops_at_b_and_at_escape_and_why_it_failed_is_said(
    planted: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = []

    def endless(_audit: Audit, _found: Trace, *, progress: Progress, stop: Stop) -> None:
        progress(Step("embed", 3, 10))
        while not stop():
            time.sleep(0.01)
        stopped.append(True)
        raise StoppedError

    def broken(_audit: Audit, _found: Trace, **_: object) -> None:
        raise ArtefactError("is damaged", where=Path("some\x1bwhere"), fix="mend it")

    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        await pilot.press("m")
        await settled(pilot)
        for number, key in enumerate(("b", "escape"), start=1):
            monkeypatch.setattr(tracing, "make", endless)
            await pilot.press("b")
            await until(pilot, lambda: "embed 3/10" in screen.desk.busy)
            await pilot.press(key)
            await until(pilot, lambda number=number: len(stopped) == number)  # type: ignore[misc]
            assert not screen.desk.busy
            assert not screen.tracing.building
        monkeypatch.setattr(tracing, "make", broken)
        await pilot.press("b")

        def said() -> str:
            return str([notice.message for notice in screen.app._notifications])

        await until(pilot, lambda: "is damaged" in said())
        assert "\x1b" not in said()
        assert not screen.desk.busy

    compare(planted, act)


def test_enter_leads_to_browse_at_the_snapshot_under_the_cursor(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        image_id = screen.desk.image_id
        await pilot.press("left", "enter")
        await until(pilot, lambda: screen.desk.view.epoch == 10)
        assert pilot.app.current_mode == "browse"
        assert image_id is not None
        await pilot.press("C")
        await settled(pilot)
        assert screen.station
        assert screen.station.point.epoch == 10

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


def test_plus_and_underscore_give_pictures_or_strip_more_room(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        def heights() -> tuple[int, int]:
            return screen.query_one(PointStrip).region.height, screen.query_one("#answers").region.height

        half = heights()
        await pilot.press("plus", "plus")
        await until(pilot, lambda: heights()[1] > half[1])
        assert len(strip(screen)) == heights()[0]
        await pilot.press("underscore", "underscore", "underscore")
        await until(pilot, lambda: heights()[1] == 0)
        assert heights()[0] > half[0]
        await until(pilot, lambda: len(strip(screen)) > half[0])
        await pilot.press("plus")
        await until(pilot, lambda: heights() == half)

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


def test_any_size_will_do(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            wide = max((Content(line).cell_length for line in strip(screen)), default=0)
            assert wide <= max(size[0], 80)
        assert all(screen.query_one(f"#{name}").display for name in screen.PANELS)

    compare(planted, act, mode="half")


def test_one_panel_at_a_time_where_it_is_narrow(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for name in (*screen.PANELS, screen.PANELS[0]):
            shown = [one for one in screen.PANELS if screen.query_one(f"#{one}").region.area]
            assert shown == [name]
            await pilot.press("tab")
            await pilot.pause()
            await pilot.pause()

    compare(planted, act, size=(50, 16))


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


def test_the_image_is_tagged_untagged_and_written_and_another_is_jumped_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = planted_audit(tmp_path, images=14, attacked=3)
    monkeypatch.chdir(tmp_path)

    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        desk = screen.desk
        first, other = desk.image_id, int(desk.listed[1])
        assert first is not None
        await pilot.press("t", *"odd", "enter")
        await until(pilot, lambda: desk.tags == {first: frozenset({"odd"})})
        await until(pilot, lambda: "#odd" in text(screen, "#image"))
        await pilot.press("z")
        await until(pilot, lambda: not desk.tags)
        await until(pilot, lambda: "#odd" not in text(screen, "#image"))
        await pilot.press("z", "t", *"odd", "enter")
        await until(pilot, lambda: bool(desk.tags))
        await pilot.press("T", "enter")
        await until(pilot, lambda: not desk.tags)
        await pilot.press("g", *str(other), "enter")
        await until(pilot, lambda: text(screen, "#image").startswith(f"{other} "))
        await pilot.press("x", "down", "enter", "enter")
        written = tmp_path / f"{desk.view.run}-{desk.view.epoch}.txt"
        await until(pilot, written.is_file)
        await until(pilot, lambda: written.read_text().split() == [str(other)])
        desk.select([first], on=True)
        screen.changed()
        await until(pilot, lambda: "1 selected" in text(screen, "#image"))
        assert screen.chosen() == (first,)
        await pilot.press("u")
        assert screen.chosen() == (other,)

    compare(audit, act)


@pytest.mark.parametrize(
    ("key", "told"),
    [("slash", "/ (filter)"), ("s", "s (sort)"), ("V", "V (views)"), ("1", "1 (memorized)"), ("v", "v (range)")],
)
def test_a_key_of_lists_says_where_there_is_one(planted: Audit, key: str, told: str) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for name in ("compare", "overview"):
            await pilot.app.run_action(f"go('{name}')")
            await pilot.pause()
            listing = screen.desk.listing
            await pilot.press(key)
            said = [str(notice.message) for notice in pilot.app._notifications]
            assert [one for one in said if told in one and "works on Browse" in one], said
            assert screen.desk.listing == listing
            assert len(pilot.app.screen_stack) == 1

    compare(planted, act)
