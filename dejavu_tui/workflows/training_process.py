"""A training, or a part of one, in a process of its own: it speaks through a pipe and never outlives its parent."""

import os
import signal
import traceback
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dejavu_tui import errors
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.places import Place
from dejavu_tui.errors import DejavuError, StoppedError, TrainingError
from dejavu_tui.records import Progress, Step, Trainer, silent
from dejavu_tui.workflows.training import train_encoder
from dejavu_tui.workspace import Audit

if TYPE_CHECKING:
    from dejavu_tui.encoders.team import Team

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Training:
    """One encoder of a run, how it is trained, and this process's place among those that train it."""

    root: Path
    """The audit's folder."""
    run: str
    trainer: Trainer
    settings: RunSettings
    place: Place
    events: bool


class TrainingProcess:
    """A process that trains, begun at once."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.ended = False
        self.error: DejavuError | None = None
        """What it ended with."""
        context = get_context("spawn")
        self.messages, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_train, args=(theirs, training, os.getpid()), daemon=True)
        # Signals wait until the child has its handlers; a terminal's Ctrl-C reaches it too.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    def pass_on(self, progress: Progress) -> None:
        """Hand what the training said since the last call to `progress`; note the error it ended with."""
        while not self.ended and self.messages.poll():
            try:
                message = self.messages.recv()
            except (EOFError, OSError):
                self.ended, self.error = True, self._died()
                return
            if isinstance(message, Step):
                progress(message)
            else:
                self.ended, self.error = True, None if message is None else _error(*message)

    def _died(self) -> TrainingError:
        self._process.join()
        place = self.training.place
        which = f"process {place.rank + 1} of {place.size}" if place.size > 1 else "the process"
        return TrainingError(
            f"{which} ended without a word (exit code {self._process.exitcode})",
            where=f"training of {self.training.trainer}",
            fix="if memory was short, take a smaller batch; the same command goes on from the saved state",
        )

    def ask_to_stop(self) -> None:
        """Ask the training to save its state and end."""
        if self._process.is_alive():
            self._process.terminate()

    def end(self, *, within: float) -> None:
        """Wait `within` seconds for the process to end, then end it."""
        self._process.join(within)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.messages.close()


_Failure = tuple[str, str, str | None, str, str]


def _train(messages: Connection, training: Training, parent: int) -> None:
    """Run in the child process: send steps, and at the end None or a failure."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in _SIGNALS:
        signal.signal(number, note)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def stop() -> bool:
        return bool(told) or os.getppid() != parent

    def say(message: Step | _Failure | None) -> None:
        with suppress(OSError):  # the parent is gone: `stop` sees it too
            messages.send(message)

    failure: _Failure | None = None
    try:
        train_encoder(
            Audit(training.root),
            training.run,
            training.trainer,
            settings=training.settings,
            first=training.place.first,
            team=lambda: _team(training.place),
            events=training.events,
            progress=say if training.place.first else silent,
            stop=stop,
        )
    except DejavuError as error:
        failure = (type(error).__name__, error.what, error.where, error.fix, traceback.format_exc())
    except OSError as error:
        where = f"training of {training.trainer}{f', {error.filename}' if error.filename else ''}"
        fix = "free some space, or mend that; the same command goes on from the saved state"
        failure = (TrainingError.__name__, error.strerror or str(error), where, fix, traceback.format_exc())
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        fix = "run again with --debug; the same command goes on from the saved state"
        failure = (TrainingError.__name__, what, f"training of {training.trainer}", fix, traceback.format_exc())
    say(failure)


def _team(place: Place) -> "AbstractContextManager[Team]":
    from dejavu_tui.encoders.team import open_team

    return open_team(place)


def _error(name: str, what: str, where: str | None, fix: str, trace: str) -> DejavuError:
    """Return the child's error as it was, with its traceback as a note for `--debug`."""
    kind = getattr(errors, name)
    error = StoppedError(what) if kind is StoppedError else kind(what, where=where, fix=fix)
    error.add_note(trace)
    return error
