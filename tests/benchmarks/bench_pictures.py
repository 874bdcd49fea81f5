"""Pictures from storage that takes long to answer, and what is left in memory after many of them."""

import asyncio
import gc
import os
import time
from pathlib import Path

import pytest

from dejavu_tui.app.pixels import gallery
from dejavu_tui.app.widgets.picture import Mode, Picture
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.images.pixels import read_image
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view
from tests.app.waiting import pictures
from tests.benchmarks.painting import CORES, Clock, Took, opened, p95, told

_SLOW = 0.3
_STEPS = 2_000
_SETTLED = 500
"""Steps after which the caches are full."""
_CACHE = 4 * 2**20
"""Bytes of pictures that are kept: the app's own cache is so large that it is still filling after all steps."""


@pytest.mark.bench
def test_keys_do_not_wait_for_slow_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read takes 300 ms: keys are painted within 50 ms all the same, and the pictures follow."""
    view = fake_view(tmp_path, attacked=200, public=200)

    def slow(path: Path) -> bytes:
        time.sleep(_SLOW)
        return read_image(path)

    monkeypatch.setattr(gallery.Gallery.__init__, "__kwdefaults__", {"limit": gallery._BYTES, "read": slow})
    keys, complete, ahead = asyncio.run(_walk(view))
    print(f"\neach read 300 ms, {CORES}: {told('key to paint', keys)}; all pictures after {complete:.1f} s, "
          f"of the next row after {ahead:.1f} s")  # fmt: skip
    assert p95(keys).wall < 0.05
    assert complete < 2
    assert ahead < 1


@pytest.mark.bench
@pytest.mark.parametrize("mode", ["half", "kitty"])
def test_memory_stays_flat(mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 2,000 steps through images of their own the process grows by less than a tenth."""
    monkeypatch.setattr(gallery.Gallery.__init__, "__kwdefaults__", {"limit": _CACHE, "read": read_image})
    view = fake_view(tmp_path, attacked=_STEPS + 1, public=1_000)
    settled, end = asyncio.run(_step(view, mode))
    print(f"\n{mode}, {CORES}: {settled / 2**20:.0f} MiB after {_SETTLED} steps, {end / 2**20:.0f} after {_STEPS}")
    assert end < 1.1 * settled


async def _walk(view: BrowseView) -> tuple[list[Took], float, float]:
    app = opened(view)
    async with app.run_test(size=(120, 40)) as pilot:
        table = app.screen.query_one(SampleTable)
        keys = []
        with Clock(app).running() as clock:
            for _ in range(40):
                keys.append(await clock.key("down", moved=lambda: table.cursor_row))
                await pilot.pause(0.05)
            start = time.perf_counter()
            await pictures(pilot)
            complete = time.perf_counter() - start
            await pilot.pause(3)
            start = time.perf_counter()
            await pilot.press("down")
            await pictures(pilot)
            ahead = time.perf_counter() - start
    return keys, complete, ahead


async def _step(view: BrowseView, mode: Mode) -> tuple[int, int]:
    app = opened(view, mode=mode)
    settled = 0
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("a", "less_than_sign")
        table = app.screen.query_one(SampleTable)
        for step in range(1, _STEPS + 1):
            await pilot.press("down")
            assert (table.cursor_row, app.desk.row) == (step, step)
            picture = app.screen.query_one("#picture", Picture)
            end = time.monotonic() + 0.5
            while picture.waiting and time.monotonic() < end:
                await asyncio.sleep(0.005)
            if step % 10 == 0:
                await pictures(pilot)
            if step == _SETTLED:
                settled = _resident()
        return settled, _resident()


def _resident() -> int:
    """Bytes of memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
