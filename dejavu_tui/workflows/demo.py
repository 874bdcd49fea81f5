"""The whole audit of a small image set, stage by stage as a person would do it with the commands."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.records import EncoderId, Progress, Stop
from dejavu_tui.workflows.export import export_encoders
from dejavu_tui.workflows.index import build_index
from dejavu_tui.workflows.layers import LAYER
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.runs import TRAINERS, choose_epochs, choose_run
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workflows.train import train_run
from dejavu_tui.workspace import Audit

TOPS = (20,)
"""The share of most confident images, in percent, that the demo reports: the paper's headline."""

Announce: TypeAlias = Callable[[str], None]
"""Told the command of each stage before it begins."""


@dataclass(frozen=True)
class Recipe:
    """A training that shows the effect in minutes on two cores."""

    method: str = "simclr"
    epochs: int = 800
    settings: tuple[str, ...] = ("scale_max=0.4",)

    @property
    def words(self) -> list[str]:
        """The recipe as arguments of `dejavu train`."""
        chosen = [word for setting in self.settings for word in ("--set", setting)]
        return ["--method", self.method, "--epochs", str(self.epochs), *chosen]


RECIPE = Recipe()


def run_demo(
    data: Path, out: Path, *, announce: Announce, progress: Progress, stop: Stop, recipe: Recipe = RECIPE
) -> pl.DataFrame:
    """Split `data` into the audit folder `out`, train, export and score every snapshot, index X for the last one;
    return the table SCORES.

    What an earlier call finished is reused. Raises RequestError: there is no `data`; all that the stages raise.
    """
    if not data.is_dir():
        raise RequestError(
            "there is no sample data here", where=data, fix="run it in a clone of the repository, or give --data"
        )
    audit = _split(data, out, announce=announce, progress=progress, stop=stop)
    run, settings = prepare(audit, method=recipe.method, epochs=recipe.epochs, assignments=recipe.settings)
    announce(_command("train", out, *recipe.words))
    train_run(audit, run, settings, progress=progress, stop=stop)
    epochs = choose_epochs(choose_run(audit, run), epoch=None, sweep=True)
    announce(_command("export-onnx", out, "--epoch", "all"))
    export_encoders(audit, run, epochs, progress=progress, stop=stop)
    announce(_command("score", out, "--epochs-sweep", "--top", ",".join(map(str, TOPS))))
    scores = score_run(audit, run=run, epochs=epochs, tops=TOPS, progress=progress, stop=stop)
    announce(_command("index", out))
    for trainer in TRAINERS:
        build_index(audit, EncoderId(run, trainer, epochs[-1]), layer=LAYER, progress=progress, stop=stop)
    return scores


def _split(data: Path, out: Path, *, announce: Announce, progress: Progress, stop: Stop) -> Audit:
    announce(_command("split", data, "--out", str(out)))
    return write(plan(data, settings_for(data), progress=progress, stop=stop), out)


def _command(name: str, *words: Path | str) -> str:
    return shlex.join(["dejavu", name, *map(str, words)])
