"""Slow work in threads: another snapshot, an answer of the index. What is not wanted any more is stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TypeAlias

import polars as pl
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from dejavu_tui.app.samples import Sample
from dejavu_tui.errors import DejavuError, StoppedError
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView

OpenEpoch: TypeAlias = Callable[[int, Progress, Stop], BrowseView]
"""Gives the view of another epoch."""
AskIndex: TypeAlias = Callable[[BrowseView, str, Stop], pl.DataFrame]
"""Public images nearest to the whole image at a path: encoder, rank, image_id, path, label_name, distance."""


@dataclass
class Opened(Message):
    """Another snapshot is there."""

    view: BrowseView


@dataclass
class Answered(Message):
    """The index has answered for the image `image_id`."""

    image_id: int
    found: pl.DataFrame


@dataclass
class Going(Message):
    """How far the opening of `epoch` is."""

    epoch: int
    step: Step


@dataclass
class Failed(Message):
    """An errand that came to nothing, and why; `epoch`: the one that was to be opened."""

    epoch: int | None
    why: str


class Errands:
    """Runs one errand at a time for `screen`, which gets the messages above."""

    def __init__(self, screen: Screen[None], *, open_epoch: OpenEpoch | None, ask_index: AskIndex | None) -> None:
        self._screen = screen
        self._open_epoch = open_epoch
        self._ask_index = ask_index
        self._one_at_a_time = Lock()

    @property
    def can_open(self) -> bool:
        """Whether other snapshots can be opened."""
        return self._open_epoch is not None

    @property
    def can_ask(self) -> bool:
        """Whether there is an index."""
        return self._ask_index is not None

    def open(self, epoch: int) -> None:
        """Open a snapshot; one that is being opened is given up."""
        if self._open_epoch is not None:
            self._start("epoch", epoch, partial(self._open, self._open_epoch, epoch))

    def ask(self, view: BrowseView, sample: Sample) -> None:
        """Ask the index for the whole image of `sample`; a former question is given up."""
        if self._ask_index is not None:
            self._start("index", None, partial(self._ask, self._ask_index, view, sample))

    def _start(self, group: str, epoch: int | None, errand: Callable[[Stop], Message]) -> None:
        self._screen.run_worker(partial(self._run, epoch, errand), group=group, thread=True, exclusive=True)

    def _run(self, epoch: int | None, errand: Callable[[Stop], Message]) -> None:
        worker: Worker[None] = get_current_worker()
        try:
            with self._one_at_a_time:
                if not worker.is_cancelled:
                    self._screen.post_message(errand(lambda: worker.is_cancelled))
        except StoppedError:
            return
        except (DejavuError, OSError) as error:
            self._screen.post_message(Failed(epoch, str(error)))

    def _open(self, open_epoch: OpenEpoch, epoch: int, stop: Stop) -> Message:
        return Opened(open_epoch(epoch, lambda step: self._tell(epoch, step), stop))

    def _ask(self, ask_index: AskIndex, view: BrowseView, sample: Sample, stop: Stop) -> Message:
        return Answered(sample.image_id, ask_index(view, sample.path, stop))

    def _tell(self, epoch: int, step: Step) -> None:
        self._screen.post_message(Going(epoch, step))
