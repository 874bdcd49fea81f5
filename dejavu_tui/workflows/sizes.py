"""The score of runs that differ in the size of their training sets and in nothing else."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from dejavu_tui.config import RunSettings
from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.runs import RunInfo, choose_epochs, choose_run, list_runs
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.trained import whole_size
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Sizes:
    """Runs of one setting, by the size of their training sets, rising, and then by name."""

    epoch: int
    """The epoch at which they are compared."""
    runs: tuple[tuple[int, RunInfo], ...]
    """Images of each of A and B, and the run trained on them."""
    left_out: tuple[str, ...]
    """Names of the runs that have no snapshot of both encoders at that epoch."""


def runs_by_size(audit: Audit, *, run: str | None, epoch: int | None = None) -> Sizes:
    """Return the runs whose settings are those of `run` (None: the one trained last) but for their size.

    They are compared at `epoch`, by default the last of their training.
    Raises RequestError: `run` was not trained here, or has no snapshot at that epoch.
    """
    chosen = choose_run(audit, run)
    if chosen.settings is None:
        raise RequestError(
            f"the run '{chosen.name}' was not trained here: nobody knows what else is like it",
            where=audit.root,
            fix="name a run that was, with --run",
        )
    at = chosen.settings.epochs if epoch is None else epoch
    choose_epochs(chosen, epoch=at, sweep=False)
    alike = [(size, one) for size, one in _sized(audit) if _but_size(one) == _but_size(chosen)]
    return Sizes(
        epoch=at,
        runs=tuple((size, one) for size, one in alike if at in one.epochs),
        left_out=tuple(one.name for _, one in alike if at not in one.epochs),
    )


def score_sizes(audit: Audit, *, run: str | None = None, epoch: int | None = None, **asked: Any) -> pl.DataFrame:
    """Return the table SCORES of the runs of `runs_by_size`, smallest first; `asked` as `score_run` takes it.

    X is the same for every size (METHOD 2.8). What is there is reused, what is made is kept run by run. Raises as
    `runs_by_size` and `score_run` do.
    """
    sizes = runs_by_size(audit, run=run, epoch=epoch)
    return pl.concat(score_run(audit, run=one.name, epochs=(sizes.epoch,), **asked) for _, one in sizes.runs)


def _sized(audit: Audit) -> list[tuple[int, RunInfo]]:
    whole = whole_size(audit)
    found = [(one.settings.train_size or whole, one) for one in list_runs(audit) if one.settings is not None]
    return sorted(found, key=lambda sized: (sized[0], sized[1].name))


def _but_size(run: RunInfo) -> RunSettings | None:
    return None if run.settings is None else run.settings.model_copy(update={"train_size": None})
