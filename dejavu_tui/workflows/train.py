"""Train SSL_A and SSL_B alike, side by side where there are cores for both, each in a process of its own."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.folders import finished
from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Progress, Step, Stop, Trainer
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.runs import SETTINGS_FILE, STATE_FILE, TRAINERS, next_sequence
from dejavu_tui.workflows.training_process import TrainingProcess
from dejavu_tui.workspace import Audit

__all__ = ["prepare", "train_run"]

_POLL_SECONDS = 0.2
_SAVE_SECONDS = 8.0


def train_run(
    audit: Audit,
    run: str,
    settings: RunSettings,
    *,
    on: Sequence[Trainer] = TRAINERS,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train the encoders `on` of `run`; what is finished is left alone, what was stopped goes on.

    `settings` as `prepare` gave them. Raises BusyError: another process trains one of them. TrainingError,
    ImageError, ArtefactError: from the training that failed; the other one is stopped with its state saved.
    StoppedError: on request, within ten seconds, states saved.
    """
    todo = [trainer for trainer in TRAINERS if trainer in on and not _finished(audit, run, settings, trainer)]
    for trainer in TRAINERS:
        if trainer in on and trainer not in todo:
            progress(Step(f"train {trainer}", settings.epochs, settings.epochs, "already trained"))
    if not todo:
        return
    audit.source  # noqa: B018  refuse before anything is written if the images are gone
    folder = audit.run_folder(run)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sequence = next_sequence(audit)
    write_atomically(folder / SETTINGS_FILE, settings.to_toml().encode())
    write_atomically(folder / STATE_FILE, json.dumps({"sequence": sequence}).encode())
    side_by_side = max(1, len(os.sched_getaffinity(0)) // settings.threads)
    while todo:
        now, todo = todo[:side_by_side], todo[side_by_side:]
        _train_together(audit, run, now, progress=progress, stop=stop)


def _finished(audit: Audit, run: str, settings: RunSettings, trainer: Trainer) -> bool:
    folder = audit.run_folder(run) / trainer
    return finished(folder, settings=settings, trained_on=trainer, audit=audit.fingerprint)


def _train_together(audit: Audit, run: str, on: Sequence[Trainer], *, progress: Progress, stop: Stop) -> None:
    with _processes(audit, run, on) as processes:
        running = list(processes)
        while running:
            wait([process.messages for process in running], timeout=_POLL_SECONDS)
            for process in running:
                process.pass_on(progress)
            running = [process for process in running if not process.ended]
            if stop():
                raise StoppedError


@contextmanager
def _processes(audit: Audit, run: str, on: Sequence[Trainer]) -> Iterator[list[TrainingProcess]]:
    """Start the trainings; however the block ends, none of them outlives it, and each may save its state."""
    processes: list[TrainingProcess] = []
    try:
        for trainer in on:
            processes.append(TrainingProcess(audit.root, run=run, trainer=trainer))  # noqa: PERF401  ended if one fails
        yield processes
    finally:
        for process in processes:
            process.ask_to_stop()
        deadline = time.monotonic() + _SAVE_SECONDS
        for process in processes:
            process.end(within=max(deadline - time.monotonic(), 0.1))
