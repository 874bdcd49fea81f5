"""A figure of an audit: its Chart and its numbers, and both as files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.errors import MeasurementError, RequestError
from dejavu_tui.plots import FORMATS, Source, load_figure
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.chosen import Chosen
from dejavu_tui.workflows.classes import classes
from dejavu_tui.workflows.histogram import histogram
from dejavu_tui.workflows.pairs import LAYER, prepare_pairs
from dejavu_tui.workflows.runs import TRAINERS, choose_epochs, choose_run
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.sizes import runs_by_size, score_sizes
from dejavu_tui.workspace import Audit

if TYPE_CHECKING:
    from dejavu_tui.plots.chart import Chart

HEADLINE = 20
"""The share of most confident images, in percent, of the figures that show one."""
NUMBERS = ".csv"
"""Ending of the file of a figure's numbers."""


@dataclass(frozen=True)
class Wanted:
    """What a figure is asked to show; None: the default, or all where the figure runs over it."""

    run: str | None = None
    epoch: int | None = None
    layer: str | None = None
    k: int | None = None
    top: int | None = None


@dataclass(frozen=True)
class Drawn:
    """A figure and the rows it was drawn from. `missing`: what the figure would show and does not, and why;
    `searched`: search and recall of the neighbours of each row, or of all.
    """

    chart: "Chart"
    numbers: pl.DataFrame
    searched: pl.DataFrame
    missing: tuple[str, ...] = ()


def draw(
    audit: Audit, figure: str, wanted: Wanted = Wanted(), *, progress: Progress = silent, stop: Stop = never
) -> Drawn:
    """Return `figure` of `audit`; what is missing on the way is made and kept.

    Raises RequestError: no such figure, or one that runs over what `wanted` fixes; MeasurementError: no number to
    draw; and all that `score_run` raises.
    """
    info = load_figure(figure)
    source = _SOURCES[info.source]
    for name in source.over:
        if getattr(wanted, name) is not None:
            raise RequestError(f"figure {figure} takes no --{name}", fix=f"leave --{name} out")
    rows = source.rows(audit, wanted, progress, stop)
    missing = _missing(audit, info.source, wanted, rows.numbers)
    return Drawn(info.chart(rows.numbers), rows.numbers, rows.searched, missing)


def check_out(out: Path) -> None:
    """Raise RequestError if a figure cannot be written to `out`, or its numbers beside it: wrong ending, a folder
    that is not there, or one that stands in their place.
    """
    if out.suffix.lower().removeprefix(".") not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise RequestError("a figure's file ends in " + endings, where=safe_text(str(out)), fix="name it FILE.png")
    if not out.parent.is_dir():
        raise RequestError("no such folder", where=safe_text(str(out.parent)), fix="make it first")
    for file in (out, out.with_suffix(NUMBERS)):
        if file.is_dir():
            raise RequestError("is a folder", where=safe_text(str(file)), fix="choose another name with -o")


def save(drawn: Drawn, out: Path) -> tuple[Path, Path]:
    """Write the figure to `out` (.png, .svg or .pdf) and its numbers to the CSV file beside it; return both paths.

    Raises RequestError as `check_out` does.
    """
    check_out(out)
    from dejavu_tui.plots.picture import render

    numbers = out.with_suffix(NUMBERS)
    write_atomically(out, render(drawn.chart, format=out.suffix.lower().removeprefix(".")))
    write_atomically(numbers, drawn.numbers.write_csv(line_terminator="\n").encode())
    return out, numbers


@dataclass(frozen=True)
class _Rows:
    """The rows to draw, and how the neighbours behind them were found (columns search, recall)."""

    numbers: pl.DataFrame
    searched: pl.DataFrame


@dataclass(frozen=True)
class _Table:
    """How the rows of a source come about, and which choices it does not take: it runs over them."""

    rows: Callable[[Audit, Wanted, Progress, Stop], _Rows]
    over: tuple[str, ...]


def _percents(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    scores = score_run(
        audit,
        run=wanted.run,
        epochs=None if wanted.epoch is None else (wanted.epoch,),
        layers=(wanted.layer or LAYER,),
        ks=_ks(wanted),
        tops=range(1, 101),
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores.filter(direction="both"))


def _epochs(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop, *, probe: bool = False) -> _Rows:
    run = choose_run(audit, wanted.run)
    scores = score_run(
        audit,
        run=run.name,
        epochs=choose_epochs(run, epoch=None, sweep=True),
        layers=(wanted.layer or LAYER,),
        ks=_ks(wanted),
        tops=_tops(wanted),
        probe=probe,
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores)


def _kinds(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    rows = _epochs(audit, wanted, progress, stop)
    _drawable(audit, rows.numbers.filter(direction="both"))  # E has kinds too, and they are not drawn
    return rows


def _probed_sizes(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    scores = score_sizes(
        audit,
        run=wanted.run,
        epoch=wanted.epoch,
        layers=(wanted.layer or LAYER,),
        ks=_ks(wanted),
        tops=_tops(wanted),
        probe=True,
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores)


def _layers(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    epochs = None if wanted.epoch is None else (wanted.epoch,)
    (pair,) = prepare_pairs(audit, run=wanted.run, epochs=epochs, layers=(), progress=progress, stop=stop)
    scores = score_run(
        audit,
        run=pair.run,
        epochs=(pair.epoch,),
        layers=pair.cards["A"].layers,
        ks=_ks(wanted),
        tops=_tops(wanted),
        progress=progress,
        stop=stop,
    )
    return _drawable(audit, scores)


def _classes(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    chosen = _chosen(audit, wanted, progress, stop)
    table = classes(audit, chosen).filter(direction="both")
    if not table["gap"].count():
        raise MeasurementError("there is nothing to draw", where=audit.root, fix=f"it says: {table['note'][0]}")
    return _Rows(table, chosen.searched)


def _histogram(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> _Rows:
    chosen = _chosen(audit, wanted, progress, stop)
    table = histogram(chosen).filter(pl.col("part").is_in(TRAINERS))
    if table.is_empty():
        raise MeasurementError(
            "there is nothing to draw", where=audit.root, fix="it says: no image of A and B is attacked"
        )
    return _Rows(table, chosen.searched)


def _chosen(audit: Audit, wanted: Wanted, progress: Progress, stop: Stop) -> Chosen:
    layer = wanted.layer or LAYER
    return chosen_samples(
        audit, run=wanted.run, epoch=wanted.epoch, layer=layer, k=wanted.k, progress=progress, stop=stop
    )


def _missing(audit: Audit, source: Source, wanted: Wanted, numbers: pl.DataFrame) -> tuple[str, ...]:
    missing = []
    if source == "probed_sizes":
        sizes = runs_by_size(audit, run=wanted.run, epoch=wanted.epoch)
        missing += [f"run {name}: no snapshot of both A and B at epoch {sizes.epoch}" for name in sizes.left_out]
        if len(sizes.runs) == 1:
            missing.append("other sizes: none is trained; `dejavu train --size N` does it")
    if source in ("probed_epochs", "probed_sizes"):
        unprobed = numbers.filter(pl.col("probe_gap").is_null())
        first = unprobed.unique(["run", "epoch"], keep="first", maintain_order=True)
        missing += [f"the linear probe: {why}" for why in first["note"].unique(maintain_order=True)]
    return tuple(missing)


def _ks(wanted: Wanted) -> tuple[int, ...] | None:
    return None if wanted.k is None else (wanted.k,)


def _tops(wanted: Wanted) -> tuple[int, ...]:
    return (HEADLINE if wanted.top is None else wanted.top,)


def _drawable(audit: Audit, scores: pl.DataFrame) -> _Rows:
    """Return `scores` as rows to draw. Raises MeasurementError: there is no score in them."""
    if not scores["dejavu_score"].count():
        raise MeasurementError("there is nothing to draw", where=audit.root, fix=f"it says: {scores['note'][0]}")
    return _Rows(scores, scores.select("search", "recall"))


_SOURCES: dict[Source, _Table] = {
    "percents": _Table(_percents, ("top",)),
    "epochs": _Table(_kinds, ("epoch", "top")),
    "probed_epochs": _Table(partial(_epochs, probe=True), ("epoch",)),
    "probed_sizes": _Table(_probed_sizes, ()),
    "layers": _Table(_layers, ("layer",)),
    "classes": _Table(_classes, ("top",)),
    "histogram": _Table(_histogram, ("top",)),
}
