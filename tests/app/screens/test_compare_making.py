"""Points of a course that are not stored: made at a key, given up, and why they could not be."""

import time
from pathlib import Path

import pytest

from dejavu_tui.app.acts import tracing
from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.trace import Trace
from dejavu_tui.workspace import Audit
from tests.app.reading import notices, text
from tests.app.screens.on_compare import Pilots, compare, settled
from tests.app.waiting import until
from tests.data.planted import planted_audit


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
        assert "stored" in notices(screen.app)[-1]

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

        await until(pilot, lambda: "is damaged" in str(notices(screen.app)))
        assert "\x1b" not in notices(screen.app)[-1]
        assert not screen.desk.busy

    compare(planted, act)
