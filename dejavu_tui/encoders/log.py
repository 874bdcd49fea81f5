"""The log of a training: a line of JSON for each epoch, whose bytes tell nothing of when or how fast it was."""

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dejavu_tui.errors import ArtefactError

if TYPE_CHECKING:
    from dejavu_tui.encoders.stepper import Taken

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


def epoch_line(epoch: int, *, losses: Sequence[Mapping[str, float]], last: "Taken") -> dict[str, Any]:
    """Return the numbers of `epoch`: the means of the `losses` of its steps, and what held in its `last` step."""
    means = {name: math.fsum(step[name] for step in losses) / len(losses) for name in losses[0]}
    return {
        "epoch": epoch,
        LOSS: means.pop(LOSS),
        "terms": means,
        "lr": last.lr,
        "weight_decay": last.weight_decay,
        "spread": last.spread,
    }


def write_epoch(log: IO[str], line: Mapping[str, Any]) -> None:
    """Write the line of an epoch."""
    log.write(json.dumps(line) + "\n")
    log.flush()


def progress_line(taken: "Taken", *, pace: str) -> str:
    """Return what a step gave, for people; `pace` tells speed and time left."""
    terms = ", ".join(f"{name} {value:.3f}" for name, value in taken.losses.items() if name != LOSS)
    parts = f" ({terms})" if terms else ""
    return f"loss {taken.losses[LOSS]:.3f}{parts}, lr {taken.lr:.2g}, spread {taken.spread:.2f}, {pace}"
