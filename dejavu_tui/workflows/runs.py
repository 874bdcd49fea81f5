"""Which trainings an audit holds, and which one is meant."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from dejavu_tui.artefacts import MANIFEST
from dejavu_tui.config import NAME_PATTERN, RunSettings, nearest
from dejavu_tui.encoders.folders import LOG_FILE
from dejavu_tui.errors import ContentError, RequestError
from dejavu_tui.records import EncoderId, Trainer
from dejavu_tui.text import safe_text
from dejavu_tui.workspace import Audit, holder_lives

SETTINGS_FILE = "settings.toml"
STATE_FILE = "state.json"
FAILURE_FILE = "failed.json"
TRAINERS: tuple[Trainer, ...] = ("A", "B")
RunState: TypeAlias = Literal["trained", "training", "failed", "stopped", "partial", "imported"]
_TRAIN = "train one with `dejavu train`"


@dataclass(frozen=True)
class RunInfo:
    """One run: what it was asked, and how far it is."""

    name: str
    settings: RunSettings | None
    """None: its encoders were not trained here."""
    epochs_by: dict[Trainer, tuple[int, ...]]
    """Snapshots of each encoder, rising."""
    reached: dict[Trainer, int]
    """Epochs in each encoder's log."""
    unfinished: tuple[Trainer, ...]
    """Encoders whose training began and has not ended: it runs, or goes on with the same command."""
    exported: tuple[int, ...]
    """Epochs of which both encoders stand as ONNX, rising."""
    sequence: int
    """The run trained last has the highest."""

    training: tuple[Trainer, ...] = ()
    """Encoders that a process on this machine trains now."""
    failures: Mapping[Trainer, str] = field(default_factory=dict)
    """Why the last training of an encoder that is unfinished failed."""

    @property
    def epochs(self) -> tuple[int, ...]:
        """Epochs of which both encoders are there, as snapshots or as ONNX, rising."""
        both = set(self.epochs_by["A"]) & set(self.epochs_by["B"])
        return tuple(sorted(both | set(self.exported)))

    @property
    def state(self) -> RunState:
        """`imported`: trained elsewhere; `training`: now; `failed` or `stopped`: goes on with the same command;
        `partial`: one encoder is missing.
        """
        if self.settings is None:
            return "imported"
        if self.training:
            return "training"
        if self.unfinished or self.failures:
            return "failed" if self.failures else "stopped"
        ready = [self.settings.epochs in self.epochs_by[trainer] for trainer in TRAINERS]
        return "trained" if all(ready) else "partial"


def list_runs(audit: Audit) -> tuple[RunInfo, ...]:
    """Return the runs of `audit`, the one trained last first. Raises SettingsError: one's settings are damaged."""
    runs = [inspect_run(audit, name) for name in run_names(audit)]
    return tuple(sorted(runs, key=lambda run: (-run.sequence, run.name)))


def sound_runs(audit: Audit) -> tuple[tuple[RunInfo, ...], tuple[str, ...]]:
    """Return the runs whose settings can be read, the one trained last first, and the names of the others."""
    sound, damaged = [], []
    for name in run_names(audit):
        try:
            sound.append(inspect_run(audit, name))
        except ContentError:
            damaged.append(name)
    return tuple(sorted(sound, key=lambda run: (-run.sequence, run.name))), tuple(damaged)


def check_name(name: str) -> None:
    """Raise RequestError unless a run can be called `name`."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise RequestError(
            f"a run cannot be called '{safe_text(name, limit=80)}'",
            where="--run",
            fix="use up to 64 letters, digits, '.', '_' and '-'",
        )


def run_names(audit: Audit) -> tuple[str, ...]:
    """Return the names of the runs of `audit`, sound or damaged, in order; an empty folder is none."""
    folder = audit.root / "encoders"
    found = folder.iterdir() if folder.is_dir() else ()
    names = [path.name for path in found if (path / SETTINGS_FILE).exists() or any(path.glob("*/"))]
    return tuple(sorted(name for name in names if re.fullmatch(NAME_PATTERN, name)))


def inspect_run(audit: Audit, name: str) -> RunInfo:
    """Return what there is of the run `name`. Raises SettingsError: its settings are damaged."""
    folder = audit.run_folder(name)
    settings = RunSettings.load(folder / SETTINGS_FILE) if (folder / SETTINGS_FILE).is_file() else None
    onnx = {
        trainer: {
            int(path.name[2:])
            for path in (folder / "onnx").glob(f"{trainer}-[0-9]*")
            if re.fullmatch(r"[0-9]{6,7}", path.name[2:])
            and _complete(audit.onnx_folder(_encoder(name, trainer, path)))
        }
        for trainer in TRAINERS
    }
    snapshots = {trainer: _snapshots(folder / trainer) for trainer in TRAINERS}
    return RunInfo(
        name=name,
        settings=settings,
        epochs_by=snapshots,
        reached={trainer: _lines(folder / trainer / LOG_FILE) for trainer in TRAINERS},
        unfinished=tuple(
            trainer
            for trainer in TRAINERS
            if settings and (folder / trainer / LOG_FILE).is_file() and settings.epochs not in snapshots[trainer]
        ),
        exported=tuple(sorted(onnx["A"] & onnx["B"])),
        training=training_now(audit, name),
        failures=_failures(folder),
        sequence=_sequence(folder / STATE_FILE),
    )


def choose_run(audit: Audit, typed: str | None) -> RunInfo:
    """Return the run `typed`, or the one trained last.

    Raises RequestError: there is none, or none of that name; SettingsError: its settings are damaged, or, where
    none is typed, those of any.
    """
    names = run_names(audit)
    if not names:
        raise RequestError("no run yet", where=audit.root, fix=_TRAIN)
    if typed is None:
        return list_runs(audit)[0]
    if typed in names:
        return inspect_run(audit, typed)
    known = nearest(typed, list(names))
    raise RequestError(f"no run '{safe_text(typed, limit=80)}'", where=audit.root, fix=known)


def choose_epochs(run: RunInfo, *, epoch: int | None, sweep: bool) -> tuple[int, ...]:
    """Return the epochs meant: all (`sweep`), the one typed, or the last; both encoders of each are there.

    Raises RequestError: there is no such epoch.
    """
    if not run.epochs:
        raise RequestError("no snapshot of both A and B yet", where=f"run {run.name}", fix=_TRAIN)
    if sweep:
        return run.epochs
    if epoch is None:
        return run.epochs[-1:]
    if epoch not in run.epochs:
        known = ", ".join(map(str, run.epochs))
        raise RequestError(f"no snapshot at epoch {epoch}", where=f"run {run.name}", fix=f"there are: {known}")
    return (epoch,)


def training_now(audit: Audit, name: str) -> tuple[Trainer, ...]:
    """Return the encoders of the run `name` that a process on this machine is training."""
    return tuple(trainer for trainer in TRAINERS if holder_lives(audit.run_folder(name) / trainer))


def next_sequence(audit: Audit) -> int:
    """Return the sequence number of a training that begins now."""
    return 1 + max((run.sequence for run in sound_runs(audit)[0]), default=0)


def _encoder(run: str, trainer: Trainer, path: Path) -> EncoderId:
    return EncoderId(run, trainer, int(path.name[2:]))


def _snapshots(encoder: Path) -> tuple[int, ...]:
    names = [path.name for path in (encoder / "snapshots").glob("[0-9]*") if _complete(path)]
    return tuple(sorted(int(name) for name in names if re.fullmatch(r"[0-9]{6,7}", name)))


def _complete(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _failures(run: Path) -> dict[Trainer, str]:
    """Return what stands in the files that failed trainings left; it is only shown."""
    found: dict[Trainer, str] = {}
    for trainer in TRAINERS:
        with suppress(FileNotFoundError):
            try:
                text = json.loads((run / trainer / FAILURE_FILE).read_text(encoding="utf-8"))["error"]
            except (ValueError, KeyError, TypeError):
                text = "unknown"
            found[trainer] = safe_text(str(text), limit=300)
    return found


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.is_file() else 0


def _sequence(path: Path) -> int:
    """Return the number in `path`, 0 if there is none: it only decides which run comes first."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))["sequence"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return value if isinstance(value, int) and value > 0 else 0
