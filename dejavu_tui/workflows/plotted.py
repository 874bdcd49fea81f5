"""The rows that a figure is drawn from: what is stored of them, and what is made for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from dejavu_tui.errors import ContentError, DejavuError, MeasurementError, ParityError, RequestError
from dejavu_tui.plots import Source
from dejavu_tui.records import Progress, Stop
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.chosen import Chosen
from dejavu_tui.workflows.classes import classes
from dejavu_tui.workflows.histogram import histogram
from dejavu_tui.workflows.pairs import prepare_pairs
from dejavu_tui.workflows.runs import TRAINERS, choose_epochs, choose_run, run_names
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.sizes import runs_by_size, score_sizes
from dejavu_tui.workspace import Audit

HEADLINE = 20
"""The share of most confident images, in percent, of the figures that show one."""


@dataclass(frozen=True)
class Wanted:
    """What a figure is asked to show; None: the default, or all where the figure runs over it."""

    run: str | None = None
    epoch: int | None = None
    layer: str | None = None
    k: int | None = None
    top: int | None = None

    @property
    def layers(self) -> tuple[str] | None:
        """The one layer that is meant; None: the run's usual."""
        return None if self.layer is None else (self.layer,)

    @property
    def ks(self) -> tuple[int, ...] | None:
        """The one k that is meant; None: the audit's."""
        return None if self.k is None else (self.k,)

    @property
    def tops(self) -> tuple[int]:
        """The one share of most confident images that is meant, in percent."""
        return (HEADLINE if self.top is None else self.top,)


@dataclass(frozen=True)
class Rows:
    """The rows to draw, how the neighbours behind them were found (columns search, recall), and what is missing."""

    numbers: pl.DataFrame
    searched: pl.DataFrame
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """How the rows of a source come about, and which choices it does not take: it runs over them."""

    rows: Callable[[Audit, Wanted, Progress, Stop], Rows]
    over: tuple[str, ...]


def _percents(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    scores = score_run(
        audit,
        run=wanted.run,
        epochs=None if wanted.epoch is None else (wanted.epoch,),
        layers=wanted.layers,
        ks=wanted.ks,
        tops=range(1, 101),
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores.filter(direction="both"))


def _epochs(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    return _of_epochs(audit, wanted, progress, stop, probe=False)


def _probed_epochs(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    rows = _of_epochs(audit, wanted, progress, stop, probe=True)
    return replace(rows, missing=_unprobed(rows.numbers))


def _of_epochs(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop, *, probe: bool) -> Rows:
    run = choose_run(audit, wanted.run)
    scores = score_run(
        audit,
        run=run.name,
        epochs=choose_epochs(run, epoch=None, sweep=True),
        layers=wanted.layers,
        ks=wanted.ks,
        tops=wanted.tops,
        probe=probe,
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores)


def _kinds(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    rows = _epochs(audit, wanted, progress, stop)
    _drawable(audit, rows.numbers.filter(direction="both"))  # E has kinds too, and they are not drawn
    return rows


def _probed_sizes(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    scores = score_sizes(
        audit,
        run=wanted.run,
        epoch=wanted.epoch,
        layers=wanted.layers,
        ks=wanted.ks,
        tops=wanted.tops,
        probe=True,
        progress=progress,
        stop=stop,
    )
    sizes = runs_by_size(audit, run=wanted.run, epoch=wanted.epoch)
    missing = [f"run {name}: no snapshot of both A and B at epoch {sizes.epoch}" for name in sizes.left_out]
    if len(sizes.runs) == 1:
        missing.append("other sizes: none is trained; `dejavu train --size N` does it")
    return replace(_drawable(audit, scores), missing=(*missing, *_unprobed(scores)))


def _runs(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    """Return the scores of every run at its last epoch; a run that has none is missing."""
    found: list[pl.DataFrame] = []
    refused: list[DejavuError] = []
    missing: list[str] = []
    for name in run_names(audit):
        try:
            found.append(
                score_run(
                    audit,
                    run=name,
                    layers=wanted.layers,
                    ks=wanted.ks,
                    tops=wanted.tops,
                    progress=progress,
                    stop=stop,
                )
            )
        except (RequestError, ContentError, MeasurementError, ParityError) as error:
            refused.append(error)
            missing.append(f"run {safe_text(name, limit=80)}: {error}")
    if refused and not found:
        raise refused[0]
    if not found:
        raise RequestError("has no run yet", where=audit.root, fix="train one with `dejavu train`")
    return replace(_drawable(audit, pl.concat(found)), missing=tuple(missing))


def _layers(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    epochs = None if wanted.epoch is None else (wanted.epoch,)
    (pair,), _ = prepare_pairs(audit, run=wanted.run, epochs=epochs, layers=(), progress=progress, stop=stop)
    scores = score_run(
        audit,
        run=pair.run,
        epochs=(pair.epoch,),
        layers=pair.cards["A"].layers,
        ks=wanted.ks,
        tops=wanted.tops,
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores)


def _classes(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    chosen = _chosen(audit, wanted, progress, stop)
    table = classes(audit, chosen).filter(direction="both")
    if not table["gap"].count():
        raise MeasurementError("there is nothing to draw", where=audit.root, fix=f"it says: {table['note'][0]}")
    return Rows(table, chosen.searched)


def _histogram(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Rows:
    chosen = _chosen(audit, wanted, progress, stop)
    table = histogram(chosen).filter(pl.col("part").is_in(TRAINERS))
    if table.is_empty():
        raise MeasurementError(
            "there is nothing to draw", where=audit.root, fix="it says: no image of A and B is attacked"
        )
    return Rows(table, chosen.searched)


def _chosen(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Chosen:
    return chosen_samples(
        audit, run=wanted.run, epoch=wanted.epoch, layer=wanted.layer, k=wanted.k, progress=progress, stop=stop
    )


def _unprobed(scores: pl.DataFrame) -> tuple[str, ...]:
    """Return why there are rows of `scores` without a linear probe, each reason once."""
    unprobed = scores.filter(pl.col("probe_gap").is_null())
    first = unprobed.unique(["run", "epoch"], keep="first", maintain_order=True)
    return tuple(f"the linear probe: {why}" for why in first["note"].unique(maintain_order=True))


def _drawable(audit: Audit, scores: pl.DataFrame) -> Rows:
    """Return `scores` as rows to draw. Raises MeasurementError: there is no score in them."""
    if not scores["dejavu_score"].count():
        raise MeasurementError("there is nothing to draw", where=audit.root, fix=f"it says: {scores['note'][0]}")
    return Rows(scores, scores.select("search", "recall"))


SOURCES: dict[Source, Table] = {
    "percents": Table(_percents, ("top",)),
    "epochs": Table(_kinds, ("epoch", "top")),
    "probed_epochs": Table(_probed_epochs, ("epoch",)),
    "probed_sizes": Table(_probed_sizes, ()),
    "runs": Table(_runs, ("run", "epoch")),
    "layers": Table(_layers, ("layer",)),
    "classes": Table(_classes, ("top",)),
    "histogram": Table(_histogram, ("top",)),
}
