"""The log of a training: a line of JSON for each epoch, whose bytes tell nothing of when or how fast it was."""

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dejavu_tui.errors import ArtefactError

LOSS = "loss"
"""What a step gives beside the parts of its loss."""


@contextmanager
def open_log(path: Path, *, epochs: int) -> Iterator[IO[str]]:
    """Open the log to append after the lines of the first `epochs` epochs; later ones are cut off.

    Raises ArtefactError: it has fewer.
    """
    path.touch(mode=0o600)
    lines = path.read_bytes().split(b"\n")[:-1]
    if len(lines) < epochs:
        raise ArtefactError(
            f"has {len(lines)} of {epochs} epochs",
            where=path,
            fix=f"remove {path.parent} to begin this training again",
        )
    with path.open("r+", encoding="utf-8") as log:
        log.truncate(sum(len(line) + 1 for line in lines[:epochs]))
        log.seek(0, os.SEEK_END)
        yield log


def epoch_means(steps: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each number of the `steps` of an epoch."""
    return {name: math.fsum(step[name] for step in steps) / len(steps) for name in steps[0]}


def write_epoch(
    log: IO[str], *, epoch: int, means: Mapping[str, float], lr: float, weight_decay: float, spread: float
) -> None:
    """Write the line of `epoch`: the mean loss and the means of its parts, and what held in the last step."""
    terms = {name: value for name, value in means.items() if name != LOSS}
    line = {
        "epoch": epoch,
        LOSS: means[LOSS],
        "terms": terms,
        "lr": lr,
        "weight_decay": weight_decay,
        "spread": spread,
    }
    log.write(json.dumps(line) + "\n")
    log.flush()


def progress_line(step: Mapping[str, float], *, lr: float, spread: float, pace: str) -> str:
    """Return what a step gave, for people; `pace` tells speed and time left."""
    terms = ", ".join(f"{name} {value:.3f}" for name, value in step.items() if name != LOSS)
    parts = f" ({terms})" if terms else ""
    return f"loss {step[LOSS]:.3f}{parts}, lr {lr:.2g}, spread {spread:.2f}, {pace}"
