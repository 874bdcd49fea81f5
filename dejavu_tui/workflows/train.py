"""Train SSL_A and SSL_B alike, side by side where there are cores for both, each in a process of its own."""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing.connection import wait
from pathlib import Path

import polars as pl

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.folders import clear_finished, finished, resume_folder
from dejavu_tui.encoders.methods import load_method
from dejavu_tui.encoders.places import Place, launched
from dejavu_tui.errors import BusyError, DejavuError, PeerGoneError, RequestError, StoppedError
from dejavu_tui.records import Progress, Step, Stop, Trainer, silent
from dejavu_tui.workflows.launch import check_processes, side_by_side
from dejavu_tui.workflows.run_settings import refuse_other_settings
from dejavu_tui.workflows.runs import FAILURE_FILE, SETTINGS_FILE, STATE_FILE, TRAINERS, next_sequence
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workflows.training import note_failure, train_encoder
from dejavu_tui.workflows.training_process import Training, TrainingProcess
from dejavu_tui.workspace import Audit

_POLL_SECONDS = 0.2
_SAVE_SECONDS = 8.0
_CAUSE_SECONDS = 3.0


def train_run(
    audit: Audit,
    run: str,
    settings: RunSettings,
    *,
    on: Sequence[Trainer] = TRAINERS,
    events: bool = False,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train the encoders `on` of `run`; what is finished is left alone, what was stopped goes on.

    `settings` as `prepare` gave them; `events`: write files for TensorBoard too. Where torchrun or srun has started
    several processes, each calls this.

    Raises RequestError: this machine cannot. BusyError: another process trains one of them. TrainingError,
    ImageError, ArtefactError: from the training that failed; the other one is stopped with its state saved.
    StoppedError: on request, within ten seconds, states saved.
    """
    todo = [trainer for trainer in TRAINERS if trainer in on and not _finished(audit, run, settings, trainer)]
    for trainer in TRAINERS:
        if trainer in on and trainer not in todo:
            _tidy(audit, audit.run_folder(run) / trainer)
            progress(Step(f"train {trainer}", settings.epochs, settings.epochs, "already trained"))
    if not todo:
        return
    audit.source  # noqa: B018  refuse before anything is written if the images are gone
    place = launched()
    members = trained_on(audit, todo[0], size=settings.train_size)
    _check_labels(members, settings=settings)
    check_processes(settings, images=members.height, place=place)
    if place is None or place.first:
        _begin(audit, run, settings)
    if place is not None:
        _train_here(audit, run, todo, settings=settings, place=place, events=events, progress=progress, stop=stop)
        return
    at_once = side_by_side(settings)
    while todo:
        now, todo = todo[:at_once], todo[at_once:]
        _train_apart(audit, run, now, settings=settings, events=events, progress=progress, stop=stop)


def _check_labels(members: pl.DataFrame, *, settings: RunSettings) -> None:
    lacking = members["label"].null_count()
    if lacking and getattr(load_method(settings.method), "LABELS", False):
        raise RequestError(
            f"{settings.method} learns from labels, and {lacking} of {members.height} images to train on have none",
            where="--method",
            fix="use a self-supervised method, or make an audit without these images",
        )


def _tidy(audit: Audit, folder: Path) -> None:
    """Remove what a kill after the last snapshot left, unless whoever made that is still at it."""
    if resume_folder(folder).exists() or (folder / FAILURE_FILE).exists():
        with suppress(BusyError), audit.lock(at=folder):
            (folder / FAILURE_FILE).unlink(missing_ok=True)
            clear_finished(folder)


def _begin(audit: Audit, run: str, settings: RunSettings) -> None:
    """Write down what is trained. Raises SettingsError: another start has written other settings since."""
    sequence = next_sequence(audit)
    with audit.lock(at=audit.run_folder(run)):
        refuse_other_settings(audit, run, settings)
        folder = audit.run_folder(run)
        write_atomically(folder / SETTINGS_FILE, settings.to_toml().encode())
        write_atomically(folder / STATE_FILE, json.dumps({"sequence": sequence}).encode())


def _finished(audit: Audit, run: str, settings: RunSettings, trainer: Trainer) -> bool:
    folder = audit.run_folder(run) / trainer
    return finished(folder, settings=settings, trained_on=trainer, audit=audit.fingerprint)


def _train_here(
    audit: Audit,
    run: str,
    on: Sequence[Trainer],
    *,
    settings: RunSettings,
    place: Place,
    events: bool,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train one after the other, in this process and those that were started with it."""
    from dejavu_tui.encoders.team import open_team

    with open_team(place) as team:
        for trainer in on:
            try:
                train_encoder(
                    audit,
                    run,
                    trainer,
                    settings=settings,
                    first=place.first,
                    team=lambda: nullcontext(team),
                    events=events,
                    progress=progress if place.first else silent,
                    stop=stop,
                )
            except DejavuError as error:
                if place.first:
                    note_failure(audit.run_folder(run) / trainer, error)
                raise


def _train_apart(
    audit: Audit,
    run: str,
    on: Sequence[Trainer],
    *,
    settings: RunSettings,
    events: bool,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train all at the same time, each in processes of its own."""
    with tempfile.TemporaryDirectory(prefix="dejavu-") as meetings:
        trainings = [
            Training(audit.root, run, trainer, settings, place, events)
            for team, trainer in enumerate(on)
            for place in _places(settings.devices, team=team, meetings=Path(meetings))
        ]
        with _processes(trainings) as running:
            while running:
                _listen(running, progress)
                if any(process.error for process in running):
                    raise _blamed(running, progress)
                running = [process for process in running if not process.ended]
                if stop():
                    raise StoppedError


def _places(size: int, *, team: int, meetings: Path) -> list[Place]:
    """Return the places of the processes that train an encoder; on this machine other teams may stand before."""
    return [Place(rank, size, team * size + rank, f"file://{meetings / str(team)}") for rank in range(size)]


def _listen(processes: Sequence[TrainingProcess], progress: Progress) -> None:
    wait([process.messages for process in processes], timeout=_POLL_SECONDS)
    for process in processes:
        process.pass_on(progress)


def _blamed(processes: Sequence[TrainingProcess], progress: Progress) -> DejavuError:
    """Return the error that the others follow from, noted for its encoder.

    Those who miss a process may tell before the process itself does.
    """
    deadline = time.monotonic() + _CAUSE_SECONDS
    while True:
        failed = [(process, process.error) for process in processes if process.error is not None]
        process, error = min(failed, key=lambda pair: isinstance(pair[1], PeerGoneError))
        if not isinstance(error, PeerGoneError) or time.monotonic() > deadline:
            training = process.training
            note_failure(Audit(training.root).run_folder(training.run) / training.trainer, error)
            return error
        _listen([process for process in processes if not process.ended], progress)


@contextmanager
def _processes(trainings: Sequence[Training]) -> Iterator[list[TrainingProcess]]:
    """Start the trainings; however the block ends, none of them outlives it, and each may save its state."""
    processes: list[TrainingProcess] = []
    try:
        for training in trainings:
            processes.append(TrainingProcess(training))  # noqa: PERF401  ended if one fails
        yield list(processes)
    finally:
        for process in processes:
            process.ask_to_stop()
        deadline = time.monotonic() + _SAVE_SECONDS
        for process in processes:
            process.end(within=max(deadline - time.monotonic(), 0.1))
