"""What of a run can still be made, in the order of work, and the command for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from dejavu_tui.records import Trainer
from dejavu_tui.workflows.runs import TRAINERS, RunInfo
from dejavu_tui.workflows.stored import Stored
from dejavu_tui.workflows.twin import command
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, and the `command` that makes it as one types it; empty: none does."""

    what: str
    command: str


def no_run(audit: Audit) -> Lack:
    """Return what an audit lacks of which nothing was trained yet."""
    return Lack("no run yet", command(audit, ("train", "--method", "simclr")))


def lacking(
    audit: Audit, run: RunInfo, snapshots: Mapping[int, Stored], *, training: Sequence[Trainer]
) -> list[Lack]:
    """Return what `run` lacks: training, scores, the index of X of its last epoch, linear probes where torch is.

    `snapshots`: how far each of its epochs is; `training`: encoders that are being trained just now.
    """
    found = _trainings(audit, run, training=training)
    unscored = [epoch for epoch, one in snapshots.items() if not one.scored]
    if unscored:
        found.append(Lack(f"{_epochs(run, unscored)} not scored", _score(audit, run, unscored)))
    last = max(snapshots, default=None)
    if last is not None and not snapshots[last].index:
        what = f"{_epochs(run, [last])} without an index of X, which queries use"
        found.append(Lack(what, command(audit, ("index", "--run", run.name, "--epoch", str(last)))))
    unprobed = [epoch for epoch, one in snapshots.items() if one.probeable and not one.probed]
    if unprobed and find_spec("torch") is not None:
        found.append(
            Lack(f"{_epochs(run, unprobed)} without linear probe", _score(audit, run, unprobed, "--probe"))
        )
    return found


def _trainings(audit: Audit, run: RunInfo, *, training: Sequence[Trainer]) -> list[Lack]:
    settings = run.settings
    if settings is None or settings.epochs in run.exported:
        return []
    behind = [trainer for trainer in TRAINERS if settings.epochs not in run.epochs_by[trainer]]
    if not behind:
        return []
    stands = [f"SSL_{trainer} at epoch {run.reached[trainer]} of {settings.epochs}" for trainer in behind]
    what = f"run {run.name}: {', '.join(stands)}"
    if training:
        return [Lack(f"{what}, being trained", "")]
    return [Lack(what, command(audit, ("train", "--run", run.name)))]


def _score(audit: Audit, run: RunInfo, epochs: Sequence[int], *more: str) -> str:
    which = ["--epoch", str(epochs[0])] if len(epochs) == 1 else ["--epochs-sweep"]
    return command(audit, ["score", "--run", run.name, *which, *more])


def _epochs(run: RunInfo, epochs: Sequence[int]) -> str:
    noun = "epoch" if len(epochs) == 1 else "epochs"
    return f"run {run.name}: {noun} {', '.join(map(str, epochs))}"
