"""Slow work in threads: what is not wanted any more is stopped, what comes too late is dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, get_current_worker

from dejavu_tui.errors import DejavuError, StoppedError
from dejavu_tui.records import Progress, Step, Stop

T = TypeVar("T")


@dataclass
class Came(Message, bubble=False):
    """News from a thread; `tell` is called by whoever gets it, in the thread of the screens."""

    tell: Callable[[], None]


class Errands:
    """Runs one errand at a time in each group; a new one stops the one before it.

    `home` starts the threads and gets the messages `Came`.
    """

    def __init__(self, home: DOMNode) -> None:
        self._home = home
        self._turn: dict[str, Lock] = {}

    def start(
        self,
        group: str,
        work: Callable[[Progress, Stop], T],
        *,
        then: Callable[[T], None],
        fail: Callable[[str], None],
        step: Callable[[Step], None] | None = None,
    ) -> None:
        """Do `work` in a thread, then call `then` with what it gave, or `fail` with why it gave nothing.

        `step` gets its progress. All three are called in the thread of the screens.
        """
        turn = self._turn.setdefault(group, Lock())
        errand = partial(self._run, turn, work, then, fail, step)
        self._home.run_worker(errand, group=group, thread=True, exclusive=True)

    def stop(self, group: str) -> None:
        """Stop the errand of a group; neither what it gave nor why it gave nothing is told any more."""
        self._home.workers.cancel_group(self._home, group)

    def _run(
        self,
        turn: Lock,
        work: Callable[[Progress, Stop], T],
        then: Callable[[T], None],
        fail: Callable[[str], None],
        step: Callable[[Step], None] | None,
    ) -> None:
        worker: Worker[None] = get_current_worker()

        def tell(news: Callable[[], None]) -> None:
            self._home.post_message(Came(lambda: None if worker.is_cancelled else news()))

        def progress(report: Step) -> None:
            if step is not None:
                tell(partial(step, report))

        try:
            with turn:
                if not worker.is_cancelled:
                    tell(partial(then, work(progress, lambda: worker.is_cancelled)))
        except StoppedError:
            return
        except (DejavuError, OSError) as error:
            tell(partial(fail, str(error)))
