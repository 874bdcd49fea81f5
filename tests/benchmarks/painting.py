"""Views of any size, and the time from a key to the paint that answers it."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import RenderableType
from textual.screen import Screen

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.collector import collect_rarely
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on, fake_view

CORES = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
PATIENCE = 20


def view_of(folder: Path, rows: int) -> BrowseView:
    """A thousand real rows, again and again under other ids, all memorized; all pictures exist."""
    small = fake_view(folder, attacked=1_000, public=200, k=5)
    times = rows // 1_000
    if times == 1:
        return small
    samples = pl.concat([small.samples] * times, rechunk=True).with_columns(
        image_id=pl.int_range(rows, dtype=pl.Int64), kind=pl.lit("memorized")
    )
    shift = rows - 1_000
    public = small.images.tail(200).with_columns(pl.col("image_id") + shift)
    attacked = pl.concat([small.images.head(1_000)] * times, rechunk=True)
    images = pl.concat([attacked.with_columns(image_id=pl.int_range(rows, dtype=pl.Int64)), public])
    lists = [pl.col(f"{role}_neighbours").list.eval(pl.element() + shift) for role in ("target", "reference")]
    return BrowseView(
        run=small.run, epochs=small.epochs, epoch=small.epoch, layer=small.layer, k=small.k,
        samples=samples.with_columns(lists), images=images, boxes=small.boxes, source=folder,
    )  # fmt: skip


@dataclass(frozen=True, order=True)
class Took:
    """Seconds, and how many of them the thread of the screens was at work: on a busy machine the truer number."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall * 1e3:.0f} ms (CPU {self.cpu * 1e3:.0f})"


class Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.thread_time()

    def took(self) -> Took:
        return Took(time.perf_counter() - self._wall, time.thread_time() - self._cpu)


def opened(view: BrowseView, *, mode: Mode = "half") -> DejavuApp:
    """Return the app on `view` as the command opens it."""
    collect_rarely()
    return app_on(view, mode=mode)


class Clock:
    """Counts the paints of an app, and takes the time to the next."""

    def __init__(self, app: DejavuApp) -> None:
        self._app = app
        self._paints = 0

    @contextmanager
    def running(self) -> Iterator["Clock"]:
        """Count paints within the block."""
        show = self._app._display

        def display(screen: Screen[object], renderable: RenderableType | None) -> None:
            show(screen, renderable)
            self._paints += 1

        self._app._display = display  # type: ignore[method-assign]
        yield self
        self._app._display = show  # type: ignore[method-assign]

    async def key(self, key: str, *, moved: Callable[[], object] | None = None) -> Took:
        """Take the time from `key` to the first paint, or to the first after what `moved` gives has changed."""
        former = moved() if moved else None
        before = self._paints
        watch = Stopwatch()
        self._app.simulate_key(key)
        if moved:
            await self._until(lambda: moved() != former, f"{key} changed nothing")
            before = self._paints
        await self._until(lambda: self._paints > before, f"nothing was painted after {key}")
        return watch.took()

    async def _until(self, true: Callable[[], bool], failure: str) -> None:
        end = time.perf_counter() + PATIENCE
        while not true():
            assert time.perf_counter() < end, failure
            await asyncio.sleep(0)


def p95(took: list[Took]) -> Took:
    """Which 95% do not exceed: of the wall time and of the CPU time each."""
    last = int(0.95 * len(took))
    return Took(sorted(each.wall for each in took)[last], sorted(each.cpu for each in took)[last])


def told(what: str, took: list[Took]) -> str:
    """Median, p95 and worst."""
    return f"{what} median {sorted(took)[len(took) // 2]}, p95 {p95(took)}, worst {max(took)}"
