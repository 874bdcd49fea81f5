"""What stands where in `encoders/<run>/<A|B>/`, known without importing torch."""

import shutil
from pathlib import Path
from typing import Any

from dejavu_tui.artefacts import is_current
from dejavu_tui.config import RunSettings
from dejavu_tui.records import Trainer

LOG_FILE = "log.jsonl"
SNAPSHOT = "snapshot"
"""Kind of artefact."""


def snapshot_folder(encoder: Path, *, epoch: int) -> Path:
    """Folder of the snapshot after `epoch`, in the folder of an encoder."""
    return encoder / "snapshots" / f"{epoch:06d}"


def resume_folder(encoder: Path) -> Path:
    """Folder of the state of an unfinished training."""
    return encoder / "resume"


def events_folder(encoder: Path) -> Path:
    """Folder of the files for TensorBoard."""
    return encoder / "tensorboard"


def training_identity(settings: RunSettings, *, trained_on: Trainer, audit: str) -> dict[str, Any]:
    """Return what decides a training; `audit` is the fingerprint of the audit."""
    return {"audit": audit, "trained_on": trained_on, "settings": settings.model_dump(mode="json")}


def published(encoder: Path, *, epoch: int, identity: dict[str, Any]) -> bool:
    """Tell whether the snapshot after `epoch` of the training `identity` is there."""
    folder = snapshot_folder(encoder, epoch=epoch)
    return is_current(folder, kind=SNAPSHOT, identity={**identity, "epoch": epoch})


def finished(encoder: Path, *, settings: RunSettings, trained_on: Trainer, audit: str) -> bool:
    """Tell whether every snapshot of a training is there."""
    identity = training_identity(settings, trained_on=trained_on, audit=audit)
    return all(published(encoder, epoch=epoch, identity=identity) for epoch in settings.snapshots)


def clear_finished(encoder: Path) -> None:
    """Remove what a training that was killed at its very end left behind: its state, and hidden folders."""
    shutil.rmtree(resume_folder(encoder), ignore_errors=True)
    clear_leftovers(encoder)


def clear_leftovers(encoder: Path) -> None:
    """Remove what killed writers left behind: hidden temporary folders beside the snapshots."""
    for leftover in (encoder / "snapshots").glob(".*"):
        if leftover.suffix in (".tmp", ".old") and leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
