"""The training of one encoder, in this process or in this process's part of a team; and why one failed."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.trainset import load_images
from dejavu_tui.errors import BusyError, DejavuError, StoppedError
from dejavu_tui.records import Progress, Stop, Trainer
from dejavu_tui.workflows.runs import FAILURE_FILE
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit

if TYPE_CHECKING:
    from dejavu_tui.encoders.team import Team


def train_encoder(
    audit: Audit,
    run: str,
    trainer: Trainer,
    *,
    settings: RunSettings,
    first: bool,
    team: "Callable[[], AbstractContextManager[Team]]",
    events: bool,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train an encoder of `run`; `team` joins the processes that do it together, and only the `first` writes."""
    folder = audit.run_folder(run) / trainer
    with audit.lock(at=folder) if first else nullcontext():
        if first:
            (folder / FAILURE_FILE).unlink(missing_ok=True)
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

        with team() as opened:
            train(
                images,
                settings=settings,
                trained_on=trainer,
                audit=audit.fingerprint,
                train_size=members.filter(part=trainer).height,
                folder=folder,
                progress=progress,
                stop=stop,
                team=opened,
                events=events,
            )


def note_failure(folder: Path, error: DejavuError) -> None:
    """Leave the reason in the encoder's folder, unless nothing failed, another process writes there, or nothing can
    be written, which would hide the reason itself.
    """
    if isinstance(error, StoppedError | BusyError):
        return
    with suppress(OSError):
        write_atomically(folder / FAILURE_FILE, json.dumps({"error": str(error)}).encode())
