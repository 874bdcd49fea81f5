"""A training in a process of its own: what it says comes through a pipe, and it never outlives its parent."""

import os
import signal
import traceback
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from dejavu_tui import errors
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.trainset import load_images
from dejavu_tui.errors import DejavuError, StoppedError, TrainingError
from dejavu_tui.records import Progress, Step, Stop, Trainer
from dejavu_tui.workflows.runs import SETTINGS_FILE
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class TrainingProcess:
    """The training of one encoder of `run`, begun at once."""

    def __init__(self, root: Path, *, run: str, trainer: Trainer) -> None:
        self.trainer = trainer
        self.ended = False
        context = get_context("spawn")
        self.messages, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_train, args=(theirs, root, run, trainer, os.getpid()), daemon=True)
        # Signals wait until the child has its handlers; a terminal's Ctrl-C reaches it too.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    def pass_on(self, progress: Progress) -> None:
        """Hand what the training said since the last call to `progress`; raise the error it ended with."""
        while not self.ended and self.messages.poll():
            try:
                message = self.messages.recv()
            except (EOFError, OSError):
                self._process.join()
                raise TrainingError(
                    f"the process ended without a word (exit code {self._process.exitcode})",
                    where=f"training of {self.trainer}",
                    fix="if memory was short, take a smaller batch; the same command goes on from the saved state",
                ) from None
            if isinstance(message, Step):
                progress(message)
            else:
                self.ended = True
                if message is not None:
                    raise _error(*message)

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


def _train(messages: Connection, root: Path, run: str, trainer: Trainer, parent: int) -> None:
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
        _train_here(Audit(root), run, trainer, progress=say, stop=stop)
    except DejavuError as error:
        failure = (type(error).__name__, error.what, error.where, error.fix, traceback.format_exc())
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        fix = "run again with --debug; the same command goes on from the saved state"
        failure = (TrainingError.__name__, what, f"training of {trainer}", fix, traceback.format_exc())
    say(failure)


def _train_here(audit: Audit, run: str, trainer: Trainer, *, progress: Progress, stop: Stop) -> None:
    settings = RunSettings.load(audit.run_folder(run) / SETTINGS_FILE)
    folder = audit.run_folder(run) / trainer
    with audit.lock(at=folder):
        members = trained_on(audit, trainer, size=settings.train_size)
        images = load_images(
            members,
            source=audit.source,
            classes=audit.classes,
            size=settings.input_size,
            progress=progress,
            stop=stop,
            stage=f"train {trainer}",
        )
        from dejavu_tui.encoders.trainer import train  # seconds: what can fail before, fails first

        train(
            images,
            settings=settings,
            trained_on=trainer,
            audit=audit.fingerprint,
            train_size=members.filter(part=trainer).height,
            folder=folder,
            progress=progress,
            stop=stop,
        )


def _error(name: str, what: str, where: str | None, fix: str, trace: str) -> DejavuError:
    """Return the child's error as it was, with its traceback as a note for `--debug`."""
    kind = getattr(errors, name)
    error = StoppedError(what) if kind is StoppedError else kind(what, where=where, fix=fix)
    error.add_note(trace)
    return error
