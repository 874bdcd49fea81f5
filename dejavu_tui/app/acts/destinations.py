"""Where one can go from here: the snapshots, layers and runs of the audit, as a list to choose from."""

from dataclasses import dataclass, replace

from textual.content import Content

from dejavu_tui.app.desk import Desk, Snapshot
from dejavu_tui.app.words.names import short
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workflows.layers import usual_layer
from dejavu_tui.workflows.runs import RunInfo

_NAME = 30
"""Cells of a name in a question."""


@dataclass(frozen=True)
class Destinations:
    """A question, its answers, the snapshot that each leads to, and the place of the one that is open."""

    question: str
    options: tuple[Content, ...]
    snapshots: tuple[Snapshot, ...]
    at: int


def epochs(desk: Desk) -> Destinations:
    """Return the snapshots of the run."""
    view = desk.view
    here = Snapshot(view.run, view.epoch, view.layer)
    return Destinations(
        "Which epoch?",
        tuple(Content(f"epoch {epoch}") for epoch in view.epochs),
        tuple(replace(here, epoch=epoch) for epoch in view.epochs),
        view.epochs.index(view.epoch) if view.epoch in view.epochs else 0,
    )


def layers(desk: Desk) -> Destinations:
    """Return the layers of the encoders."""
    view = desk.view
    return Destinations(
        "Which layer?",
        tuple(Content(safe_text(layer)) for layer in view.layers),
        tuple(Snapshot(view.run, view.epoch, layer) for layer in view.layers),
        view.layers.index(view.layer) if view.layer in view.layers else 0,
    )


def runs(desk: Desk, known: tuple[RunInfo, ...], damaged: tuple[str, ...] = ()) -> Destinations:
    """Return the runs that have a snapshot, at the same epoch where they have it, else at their last.

    `damaged` runs cannot be chosen; the question names them.
    """
    view = desk.view
    ready = [run for run in known if run.epochs]
    names = [run.name for run in ready]
    return Destinations(
        f"Which run?{_damage(damaged)}",
        tuple(Content.assemble(safe_text(run.name), (f"  {_described(run)}", "$text-muted")) for run in ready),
        tuple(_there(view, run) for run in ready),
        names.index(view.run) if view.run in names else 0,
    )


def _there(view: BrowseView, run: RunInfo) -> Snapshot:
    """Return the snapshot of `run` that is most like `view`; of another run, at its usual layer if `view` is."""
    usual = run.name != view.run and view.layer == usual_layer(view.layers)
    return Snapshot(run.name, view.epoch if view.epoch in run.epochs else None, None if usual else view.layer)


def _damage(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    return f" {', '.join(short(name, _NAME) for name in names)}: settings damaged, see Overview"


def _described(run: RunInfo) -> str:
    words: list[str] = [] if run.state == "trained" else [run.state]
    if run.settings is not None:
        words.append(f"{run.settings.method} {run.settings.arch}")
        words += [f"size {run.settings.train_size}"] if run.settings.train_size else []
    return safe_text("  ".join([*words, f"to epoch {run.epochs[-1]}"]), limit=60)
