"""An audit that grows is seen, told once, and costs next to nothing while it rests."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from dejavu_tui.app import following
from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.following import glance
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit
from tests.app.waiting import until


def grow(root: Path, *, epoch: int) -> None:
    """Put another snapshot beside those that are there, as a training does."""
    for trainer in "AB":
        onnx = root / "encoders" / "planted" / "onnx"
        shutil.copytree(onnx / f"{trainer}-000020", onnx / f"{trainer}-{epoch:06d}")


def test_a_glance_changes_with_a_log_line_and_a_snapshot(planted: Audit, tmp_path: Path) -> None:
    root = tmp_path / "audit"
    shutil.copytree(planted.root, root)
    log = root / "encoders" / "planted" / "A" / "log.jsonl"
    log.parent.mkdir(exist_ok=True)
    log.write_text("{}\n")
    before = glance(root)
    assert glance(root) == before
    with log.open("a") as file:
        file.write("{}\n")
    after_line = glance(root)
    assert after_line != before
    grow(root, epoch=30)
    assert glance(root) != after_line


def test_a_new_snapshot_is_told_with_its_key_and_can_be_reached(
    planted: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_SECONDS", 0.05)
    root = tmp_path / planted.root.name
    shutil.copytree(planted.root, root)
    audit = Audit(root)
    app = make_app(audit, open_view(planted), mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        stamp = app.desk.stamp
        await asyncio.sleep(0.3)
        assert app.desk.stamp == stamp, "nothing has changed"
        grow(root, epoch=30)
        await until(pilot, lambda: app.desk.view.epochs == (10, 20, 30))
        await until(pilot, lambda: bool(told(app)))
        assert told(app) == ["epoch 30 is there: press ."]
        (root / "encoders" / "other" / "A").mkdir(parents=True)
        await pilot.press("f12")
        await until(pilot, lambda: bool(told(app)))
        assert told(app) == ["run other is there: press R to choose it"]

    async def go() -> None:
        async with app.run_test() as pilot:
            await act(pilot)

    asyncio.run(go())


def told(app: DejavuApp) -> list[str]:
    return [str(notice.message) for notice in app._notifications if "is there" in str(notice.message)]


def test_looking_takes_less_than_a_hundredth_of_the_time(planted: Audit) -> None:
    glance(planted.root)
    began = time.process_time()
    for _ in range(10):
        glance(planted.root)
    assert (time.process_time() - began) / 10 < following._SECONDS / 100
