"""The index that Query asks: built at a key only, given up, followed from snapshot to snapshot."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from textual.widgets import Static

from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workspace import Audit
from tests.app.reading import text
from tests.app.screens.on_query import Pilots, answered, fixed, on_query
from tests.app.waiting import until
from tests.data.planted import RUN, planted_audit


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


def test_building_stops_and_its_failure_is_said(indexed: Audit) -> None:
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

    on_query(indexed, act, ask=ask, epoch=10)


def test_follows_the_image_and_the_snapshot_on_the_desk(indexed: Audit) -> None:
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

    on_query(indexed, act, ask=fixed(indexed)[0])


def test_says_that_it_asks_until_there_is_a_first_answer(indexed: Audit) -> None:
    ask, _ = fixed(indexed, wait=0.5)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        def asking() -> bool:
            lack = screen.query_one("#lack", Static)
            return bool(lack.region.area) and "asking the index" in str(lack.content)

        await until(pilot, asking)
        await answered(pilot, screen)
        assert not screen.query_one("#lack").region.area
        assert screen.query_one("#under_a").region.area
        former = screen.answers
        await pilot.press("left")
        await until(pilot, lambda: screen.has_class("-asking"))
        assert not asking()
        await until(pilot, lambda: screen.answers is not former)
        screen.open("no such file")
        await until(pilot, lambda: screen.query_one("#asked").has_class("-refused"))
        assert not asking()

    on_query(indexed, act, ask=ask)
