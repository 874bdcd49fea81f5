"""Small trainings."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders.learner import Batch, Moment
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.team import ALONE, Team
from dejavu_tui.encoders.trainer import train
from dejavu_tui.encoders.trainset import TrainImages, TrainSet
from dejavu_tui.records import Progress, Stop, never, silent

SIZE = 16
CLASSES = 3
START = Moment(0, 10, 2)
OPTIONS: dict[str, dict[str, float]] = {
    "byol": {"teacher_momentum": 0.9, "predictor": 32},
    "dino": {"teacher_momentum": 0.9, "prototypes": 32, "teacher_temperature": 0.04},
    "moco": {"teacher_momentum": 0.9, "queue": 13},
    "simsiam": {"predictor": 8},
}
"""Of methods whose defaults are made for large sets."""


def toy_images(count: int = 24, *, seed: int = 0) -> TrainSet:
    """Images of one smooth colour field each, so that two crops of one are alike."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 255, size=(count, 2, 2, 3))
    along = np.linspace(0, 1, SIZE)
    rows = corners[:, 0, None] * (1 - along)[:, None, None] + corners[:, 1, None] * along[:, None, None]
    # (n, s, 2, 3) to (n, s, s, 3)
    pixels = rows[:, :, 0, None] * (1 - along)[:, None] + rows[:, :, 1, None] * along[:, None]
    labels = np.arange(count) % CLASSES
    return TrainSet(
        pixels.astype(np.uint8), np.arange(100, 100 + count), np.ones(count, np.float32), labels, CLASSES
    )


def toy_settings(method: str = "simclr", **changes: Any) -> RunSettings:
    values: dict[str, Any] = {
        "method": method,
        "epochs": 4,
        "snapshots": (2, 4),
        "batch": 12,
        "projector": "16-16",
        "input_size": SIZE,
        "augment": AugmentSettings(scale_min=0.3),
        "options": OPTIONS.get(method, {}),
    }
    return RunSettings(**(values | changes))


class Given(Encoder):
    """An encoder whose views are embeddings already."""

    def __init__(self) -> None:
        nn.Module.__init__(self)

    def forward(self, view: Tensor) -> tuple[Tensor, ...]:
        return (view,)


def batch_of(first: Tensor, second: Tensor) -> Batch:
    """Two views and labels in turn."""
    return Batch((first, second), torch.arange(len(first)) % CLASSES, START)


def run_toy(
    folder: Path,
    settings: RunSettings,
    *,
    images: TrainImages | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    team: Team = ALONE,
    events: bool = False,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shown = toy_images() if images is None else images
    train(
        shown,
        settings=settings,
        trained_on="A",
        audit="fingerprint",
        train_size=len(shown),
        folder=folder,
        progress=progress,
        stop=stop,
        team=team,
        events=events,
    )


def outcome(folder: Path) -> dict[str, bytes]:
    """All that a training leaves behind, by relative path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
