"""Follows an audit that grows: a training that runs, a score that is being computed by another process."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from textual.app import App

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Errands
from dejavu_tui.artefacts import MANIFEST
from dejavu_tui.encoders.folders import LOG_FILE
from dejavu_tui.workflows.runs import inspect_run, run_names

Glance: TypeAlias = frozenset[tuple[str, int, int]]
"""Path, time of the last change (ns) and size of each folder and log that can grow."""
_SECONDS = 2.0
_SHARE = 100
"""Looking takes at most one part in so many of the time."""


@dataclass(frozen=True)
class Growth:
    """What an audit holds by now: the snapshots of the run on the desk, and the names of all runs."""

    seen: Glance
    seconds: float
    """How long looking took."""
    epochs: tuple[int, ...]
    runs: tuple[str, ...]


def glance(root: Path) -> Glance:
    """Return what there is of an audit by times and sizes alone; finished artefacts are not looked into."""
    seen = []
    for folder, below, files in os.walk(root):
        try:
            for name in ("", LOG_FILE) if LOG_FILE in files else ("",):
                place = os.path.join(folder, name) if name else folder
                state = os.stat(place)
                seen.append((place, state.st_mtime_ns, state.st_size))
        except FileNotFoundError:
            continue  # replaced meanwhile: the next glance sees it
        if MANIFEST in files and folder != str(root):
            below.clear()
        below[:] = [name for name in below if not name.startswith(".")]
    return frozenset(seen)


class Following:
    """Looks every two seconds, in a thread, and more rarely where looking takes long; tells what is new.

    `grew` is called when there is more than before, `say` with what a user can do with it.
    """

    def __init__(
        self,
        home: App[tuple[int, ...]],
        desk: Desk,
        errands: Errands,
        *,
        grew: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._home = home
        self._desk = desk
        self._errands = errands
        self._grew = grew
        self._say = say
        self._seen: Glance | None = None
        self._runs: tuple[str, ...] | None = None
        self._complaint = ""

    def start(self) -> None:
        """Look, and go on looking."""
        run = self._desk.view.run
        self._errands.start(
            "following",
            lambda _progress, _stop: _look(self._desk, run),
            then=partial(self._looked, run),
            fail=self._failed,
        )

    def _looked(self, run: str, found: Growth) -> None:
        first, changed = self._seen is None, found.seen != self._seen
        self._seen = found.seen
        new = [epoch for epoch in found.epochs if epoch not in self._desk.view.epochs]
        if run == self._desk.view.run and new:
            self._desk.grow(found.epochs)
            self._say(_epoch_news(new, found.epochs, here=self._desk.view.epoch))
        if self._runs is not None and (runs := [name for name in found.runs if name not in self._runs]):
            self._say(f"run {runs[-1]} is there: press R to choose it")
        self._runs = found.runs
        if changed and not first:
            self._desk.stamp += 1
            self._grew()
        self._home.set_timer(max(_SECONDS, found.seconds * _SHARE), self.start)

    def _failed(self, why: str) -> None:
        """Say once what cannot be read, and go on looking: it may be mended."""
        if why != self._complaint:
            self._complaint = why
            self._say(why)
        self._home.set_timer(_SECONDS, self.start)


def _look(desk: Desk, run: str) -> Growth:
    began = time.monotonic()
    seen = glance(desk.audit.root)
    names = run_names(desk.audit)
    epochs = inspect_run(desk.audit, run).epochs if run in names else desk.view.epochs
    return Growth(seen, time.monotonic() - began, epochs, names)


def _epoch_news(new: list[int], epochs: tuple[int, ...], *, here: int) -> str:
    later = [epoch for epoch in epochs if epoch > here]
    key = "." if new[-1:] == later[:1] else "E"
    return f"epoch {new[-1]} is there: press {key}"
