"""Any picture, or a crop of it, held against the public images."""

import asyncio
import csv
import io
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from PIL import Image
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import make_app
from dejavu_tui.app.desk import Query
from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.app.widgets.framed import FramedPicture
from dejavu_tui.app.widgets.nearest import NearestPanel
from dejavu_tui.app.widgets.pathline import PathInput
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workflows.query import query
from dejavu_tui.workspace import Audit
from tests.app.waiting import until
from tests.data.planted import RUN, planted_audit
from tests.functional.test_contract import dejavu

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, QueryScreen], Awaitable[None]]


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """An audit with the index at its last epoch, and an epoch without."""
    made = planted_audit(tmp_path_factory.mktemp("indexed"), images=14, attacked=3, memory={10: 0.0, 20: 1.0})
    for epoch in (10, 20):
        open_view(made, epoch=epoch)
    query(made, made.source / made.images["path"][0])
    return made


def on_query(
    audit: Audit, act: Act, *, size: tuple[int, int] = (80, 24), epoch: int = 20, ask: Query | None = None,
    mode: Mode = "none",
) -> None:  # fmt: skip
    async def go() -> None:
        app = make_app(audit, open_view(audit, epoch=epoch), mode=mode, start="query", query=ask)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = app.screen_stack[0]
            assert isinstance(screen, QueryScreen)
            if screen.desk.image_id is None:
                assert "type or paste" in text(screen, "#asked")
                screen.open("3")
            await until(pilot, lambda: screen.asked is not None)
            await act(pilot, screen)

    asyncio.run(go())


async def answered(pilot: Pilots, screen: QueryScreen) -> None:
    """Wait for the answer to what is asked now."""
    await until(pilot, lambda: screen.questions.about(screen.asked, screen.frame) and screen.answers is not None)
    await asyncio.sleep(0.1)
    await pilot.pause()


def text(screen: QueryScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).content)


def ids(screen: QueryScreen) -> list[list[int]]:
    return [[near.image_id for near in answer.neighbours] for answer in screen.answers or ()]


def fixed(audit: Audit, wait: float = 0.0) -> tuple[Query, list[Box | None]]:
    """A query that always finds the first images of X, and the crops that it was asked about."""
    asked: list[Box | None] = []

    def ask(view: BrowseView, _: Path, crop: Box | None, __: Progress, stop: Stop) -> pl.DataFrame:
        asked.append(crop)
        time.sleep(wait)
        if stop():
            raise StoppedError
        near = audit.members("X").head(view.k).select("image_id", "path", "label_name")
        near = near.with_row_index("rank", offset=1).with_columns(distance=pl.col("rank") / 10)
        return pl.concat([near.with_columns(encoder=pl.lit(trainer)) for trainer in ("A", "B")])

    return ask, asked


def test_opens_on_the_whole_image_that_is_looked_at_with_what_both_encoders_find(audit: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        assert screen.asked is not None
        assert screen.asked.image_id == screen.desk.image_id
        found = query(audit, screen.asked.path)
        assert ids(screen) == [found.filter(encoder=trainer)["image_id"].to_list() for trainer in "AB"]
        assert "whole picture" in text(screen, "#asked")
        for name, trainer in (("#under_a", "A"), ("#under_b", "B")):
            heading = str(screen.query_one(name, NearestPanel)._heading.content)
            assert f"SSL_{trainer}" in heading
            assert ("saw it" in heading) == (screen.asked.part == trainer)
            votes = found.filter(encoder=trainer)["label_name"].value_counts(sort=True)
            assert f"{votes['count'][0]}/{found.height // 2}" in heading

    on_query(audit, act)


def test_keys_move_resize_and_preset_the_crop_and_the_index_is_asked_when_it_rests(audit: Audit) -> None:
    ask, crops = fixed(audit)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        assert screen.asked is not None
        await answered(pilot, screen)
        steps = [
            (("left",), Box(0, 0, 20, 40)),
            (("right", "l"), Box(4, 0, 24, 40)),
            (("h",), Box(2, 0, 22, 40)),
            (("shift+left", "left_parenthesis"), Box(2, 0, 18, 40)),
            (("shift+up", "left_curly_bracket"), Box(2, 0, 18, 36)),
            (("down", "j"), Box(2, 4, 18, 40)),
            (("up", "k"), Box(2, 0, 18, 36)),
            (("shift+right", "right_parenthesis", "shift+down", "right_curly_bracket"), Box(2, 0, 22, 40)),
        ]
        for keys, box in steps:
            await pilot.press(*keys)
            assert screen.frame is not None
            assert screen.frame.box == box
        await answered(pilot, screen)
        assert crops[-1] == Box(2, 0, 22, 40)
        assert len(crops) < 8
        assert "crop 2,0,22,40" in text(screen, "#asked")
        for name, box in (*screen.asked.crops[1:], screen.asked.crops[0]):
            await pilot.press("p")
            assert screen.frame is not None
            assert screen.frame.box == box
            assert name in text(screen, "#framed .legend") or name == "whole"
        for key in ("w", "escape"):
            await pilot.press("left", key, "enter")
            await answered(pilot, screen)
            assert crops[-1] is None

    on_query(audit, act, ask=ask)


def test_the_mouse_draws_the_crop(audit: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        framed = screen.query_one(FramedPicture)
        await pilot.mouse_down(FramedPicture, offset=(0, 0))
        await pilot.hover(FramedPicture, offset=(3, 2))
        await pilot.mouse_up(FramedPicture, offset=(3, 2))
        await pilot.pause()
        assert screen.frame is not None
        drawn = screen.frame.box
        width, height = framed._picture.into()
        assert drawn.x0 == drawn.y0 == 0
        assert drawn.x1 == drawn.width > 1
        scale = min(width, height) / 40
        assert drawn.x1 == round(3 / (scale if scale < 1 else int(scale)))
        await pilot.hover(FramedPicture, offset=(6, 3))
        assert screen.frame.box == drawn

    on_query(audit, act, ask=fixed(audit)[0])


def test_a_path_is_typed_pasted_and_recalled(audit: Audit, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "red").save(tmp_path / "my red.png")

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        line = screen.query_one(PathInput)
        assert not line.has_focus
        assert line.value == str(screen.desk.image_id)
        for key in ("i", "slash"):
            await pilot.press(key)
            assert line.has_focus
            await pilot.press("escape")
            assert not line.has_focus
        await pilot.press("i", "3", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "3")
        await until(pilot, lambda: not line.has_focus)
        screen.post_message(Paste(f"'{tmp_path / 'my red.png'}'\n"))
        await until(pilot, lambda: screen.asked is not None and screen.asked.image_id is None)
        assert "my red.png" in text(screen, "#asked")
        assert "64x48" in text(screen, "#asked")
        assert line.value == str(tmp_path / "my red.png")
        await answered(pilot, screen)
        assert all(not near.match for answer in screen.answers or () for near in answer.neighbours)
        await pilot.press("i", "7", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "7")
        await pilot.press("i", "up", "up")
        assert line.value == "3"
        await pilot.press("down", "down", "down")
        assert line.value == ""
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "3")

    on_query(audit, act, ask=fixed(audit)[0])


@pytest.mark.parametrize("typed", ["nothing.png", "\x1b]52;c;aGk=\x07[/red]", "/dev/zero"])
def test_what_is_no_picture_is_said_in_a_line_and_all_else_stays(audit: Audit, typed: str) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        before = screen.asked, screen.answers
        screen.post_message(Paste(typed))
        await until(pilot, lambda: screen.query_one("#asked").has_class("-refused"))
        said = text(screen, "#asked")
        assert "no file and no image" in said
        assert not any(ch in said for ch in "\x1b\x07\n")
        assert (screen.asked, screen.answers) == before
        line = screen.query_one(PathInput)
        assert not any(ch in line.value for ch in "\x1b\x07\n")
        line.focus()
        line.post_message(Paste(typed))
        await pilot.pause()
        assert not any(ch in line.value for ch in "\x1b\x07\n")
        await pilot.press("escape", "left")
        await until(pilot, lambda: not screen.query_one("#asked").has_class("-refused"))

    on_query(audit, act, ask=fixed(audit)[0])


def test_an_index_that_is_not_there_is_built_at_a_key_only(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=14, attacked=3, memory={20: 1.0})

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await until(pilot, lambda: screen.has_class("-lacking"))
        assert "No index of X yet" in text(screen, "#lack")
        folders = [audit.index_folder(EncoderId(RUN, t, 20), layer=screen.desk.view.layer) for t in ("A", "B")]
        await pilot.press("left", "enter")
        await asyncio.sleep(0.5)
        assert not any(folder.exists() for folder in folders)
        await pilot.press("b")
        await until(pilot, lambda: not screen.questions.building and screen.answers is not None)
        assert all(folder.exists() for folder in folders)
        assert not screen.has_class("-lacking")
        assert not screen.desk.busy
        assert screen.frame is not None
        assert screen.questions.about(screen.asked, screen.frame)

    on_query(audit, act)


def test_building_stops_and_its_failure_is_said(audit: Audit) -> None:
    ends: Iterator[bool] = iter((False, False, True))

    def ask(_: BrowseView, __: Path, ___: Box | None, progress: Progress, stop: Stop) -> pl.DataFrame:
        progress(Step("index A", 3, 10))
        if next(ends):
            raise ArtefactError("is damaged", where="some\x1bwhere", fix="mend it")
        while not stop():
            time.sleep(0.01)
        raise StoppedError

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await until(pilot, lambda: screen.has_class("-lacking"))
        for key in ("b", "escape"):
            await pilot.press("b")
            await until(pilot, lambda: "index A 3/10" in screen.desk.busy)
            await pilot.press(key)
            await until(pilot, lambda: not screen.desk.busy and not screen.questions.building)
        await pilot.press("b")
        await until(pilot, lambda: "is damaged" in text(screen, "#asked"))
        assert "\x1b" not in text(screen, "#asked")
        assert not screen.desk.busy

    on_query(audit, act, ask=ask, epoch=10)


def test_a_late_answer_is_dropped_and_farther_neighbours_are_paged(audit: Audit) -> None:
    ask, crops = fixed(audit, wait=0.2)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await pilot.press("left", "enter", "right", "enter", "p", "enter")
        await answered(pilot, screen)
        assert screen.frame is not None
        assert crops[-1] == screen.frame.box
        panel = screen.query_one("#under_a", NearestPanel)

        def first() -> int:
            assert panel._now is not None
            return panel._now[2]

        await pilot.press("n")
        assert first() == min(panel.arrangement.tiles, screen.desk.view.k - 1)
        await pilot.press(*["n"] * 9)
        assert first() < screen.desk.view.k
        await pilot.press(*["N"] * 12)
        assert first() == 0

    on_query(audit, act, ask=ask)


def test_follows_the_image_and_the_snapshot_on_the_desk(audit: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        await pilot.press("B")
        await pilot.pause()
        screen.desk.image_id = other = int(screen.desk.view.samples["image_id"][-1])
        await pilot.press("Q")
        await until(pilot, lambda: screen.asked is not None and screen.asked.image_id == other)
        await pilot.press("comma")
        await until(pilot, lambda: screen.desk.view.epoch == 10 and screen.has_class("-lacking"))
        await pilot.press("full_stop")
        await until(pilot, lambda: screen.desk.view.epoch == 20 and not screen.has_class("-lacking"))

    on_query(audit, act, ask=fixed(audit)[0])


def test_prints_the_same_with_its_command(audit: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await pilot.press("p", "enter")
        await answered(pilot, screen)
        done = dejavu(*screen.twin()[1:], cwd=audit.root.parent)
        assert done.returncode == 0, done.stderr
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        assert ids(screen) == [[int(row["image_id"]) for row in rows if row["encoder"] == t] for t in "AB"]

    on_query(audit, act)


def test_any_size_will_do(audit: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        def seen() -> list[str]:
            return [one for one in screen.PANELS if screen.query_one(f"#{one}").region.area]

        await answered(pilot, screen)
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("left")
            await pilot.pause()
            assert len(text(screen, "#asked")) <= size[0] or not screen.query_one("#asked").region.area
        await pilot.resize_terminal(50, 16)
        for name in (*screen.PANELS, screen.PANELS[0]):
            await until(pilot, lambda name=name: seen() == [name])  # type: ignore[misc]
            await pilot.press("tab")

    on_query(audit, act, ask=fixed(audit)[0], mode="half")


def test_says_that_it_asks_until_there_is_a_first_answer(audit: Audit) -> None:
    ask, _ = fixed(audit, wait=0.5)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        def asking() -> bool:
            lack = screen.query_one("#lack", Static)
            return bool(lack.region.area) and "asking the index" in str(lack.content)

        await until(pilot, asking)
        await answered(pilot, screen)
        assert not screen.query_one("#lack").region.area
        assert screen.query_one("#under_a").region.area
        await pilot.press("left")
        await asyncio.sleep(0.5)
        await pilot.pause()
        assert not asking()
        await answered(pilot, screen)
        screen.open("no such file")
        await until(pilot, lambda: screen.query_one("#asked").has_class("-refused"))
        assert not asking()

    on_query(audit, act, ask=ask)
