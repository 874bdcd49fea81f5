"""One attacked image at many snapshots, layers or runs: when, where and in which trainings it is memorized."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.inference.votes import Votes
from dejavu_tui.neighbours.base import Neighbours, check_k
from dejavu_tui.records import EncoderId, Progress, Step, Stop, Trainer, never, silent
from dejavu_tui.tables import TRACE
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.infer import Inferred, foreign_neighbours, infer_from
from dejavu_tui.workflows.layers import LAYER
from dejavu_tui.workflows.pairs import prepare_pairs, search_pair
from dejavu_tui.workflows.runs import TRAINERS, RunInfo, choose_epochs, choose_run, list_runs
from dejavu_tui.workflows.samples import answered
from dejavu_tui.workflows.search import read_stored
from dejavu_tui.workflows.show import why_not_attacked
from dejavu_tui.workflows.stored import Stored, stored
from dejavu_tui.workflows.trained import asked_at
from dejavu_tui.workflows.twin import command
from dejavu_tui.workspace import Audit

Over: TypeAlias = Literal["epochs", "layers", "runs"]


@dataclass(frozen=True)
class Point:
    """One place where an image is looked at."""

    run: str
    epoch: int
    layer: str


@dataclass(frozen=True)
class Absent:
    """A point that a trace has no row for, and `why`. `command` makes it; empty: nothing does."""

    point: Point
    why: str
    command: str


@dataclass(frozen=True)
class Trace:
    """The image `image_id` over epochs, layers or runs; of runs, the one trained first comes first.

    `table`: TRACE, a row for each point whose neighbours are stored, in order; `missing`: the other points, in
    order.
    """

    image_id: int
    over: Over
    k: int
    table: pl.DataFrame
    missing: tuple[Absent, ...]


def trace(
    audit: Audit,
    image_id: int,
    *,
    over: Over = "epochs",
    run: str | None = None,
    epoch: int | None = None,
    layer: str | None = None,
    k: int | None = None,
    stop: Stop = never,
) -> Trace:
    """Return what is stored of an image along all snapshots of `run`, all its layers at `epoch`, or all runs.

    `epoch` is not looked at over epochs, `layer` not over layers, `run` not over runs. Defaults: the run trained
    last; the last epoch and the usual layer, of each run its own; the audit's k. Only neighbours are
    read, and nothing is made.

    Raises RequestError: an image that is not attacked, k > |X|, no such run, epoch or layer; ArtefactError: a
    damaged file; StoppedError.
    """
    image = _attacked(audit, image_id)
    voters = audit.settings.k if k is None else k
    check_k(voters, size=audit.parts.filter(part="X").height)
    near: dict[Point, dict[Trainer, Neighbours]] = {}
    missing = []
    for info, point in _points(audit, over=over, run=run, epoch=epoch, layer=layer, k=voters):
        if stop():
            raise StoppedError
        why = _never(audit, info, point, image)
        if why and over != "runs":
            raise RequestError(f"run {info.name} {why}", where=f"image {image_id}", fix="choose another run")
        now = Stored() if why else stored(audit, point.run, point.epoch, layer=point.layer, k=voters)
        if now.layers and point.layer not in now.layers:
            if over != "runs":
                fix = nearest(safe_text(point.layer, limit=80), list(now.layers))
                raise RequestError(
                    f"no layer '{safe_text(point.layer, limit=80)}'", where=f"run {info.name}", fix=fix
                )
            why = f"has no layer {point.layer}"
        if why:
            missing.append(Absent(point, why, ""))
        elif now.neighbours is None:
            missing.append(Absent(point, _next(now), _command(audit, point, k=voters)))
        else:
            near[point] = _near(audit, point, now, image_id)
    return Trace(image_id, over, voters, _table(audit, image, near, k=voters), tuple(missing))


def make(audit: Audit, found: Trace, *, progress: Progress = silent, stop: Stop = never) -> None:
    """Make and keep what the points that `found` lacks need, as far as a command makes them.

    Raises as `score_run` does.
    """
    able = [one.point for one in found.missing if one.command]
    for place, point in enumerate(able):
        progress(Step("points", place, len(able), f"{point.run}, epoch {point.epoch}, {point.layer}"))
        (pair,), _ = prepare_pairs(
            audit, run=point.run, epochs=(point.epoch,), layers=(point.layer,), progress=progress, stop=stop
        )
        search_pair(
            audit, pair, layer=point.layer, k=found.k, search="auto", recall=RECALL, progress=progress, stop=stop
        )


def _attacked(audit: Audit, image_id: int) -> pl.DataFrame:
    """Return the row of `Audit.attacked` of an image. Raises RequestError: it is not attacked."""
    crop = audit.crops.filter(pl.col("reason").is_null(), image_id=image_id).drop("reason")
    image = audit.images.filter(image_id=image_id).join(audit.parts.filter(image_id=image_id), on="image_id")
    row = image.join(crop, on="image_id")
    if row.is_empty():
        what = f"image {image_id} {why_not_attacked(audit, image_id)}"
        raise RequestError(what, where=audit.root, fix="`dejavu top --kind all` lists images that are attacked")
    return row


def _points(
    audit: Audit, *, over: Over, run: str | None, epoch: int | None, layer: str | None, k: int
) -> list[tuple[RunInfo, Point]]:
    """Return all points, in order, whether they are stored or not."""
    if over == "runs":
        runs = [info for info in reversed(list_runs(audit)) if info.epochs]
        places = [(info, info.epochs[-1] if epoch is None else epoch) for info in runs]
        return [(info, Point(info.name, at, _layer(audit, info, at, layer, k=k))) for info, at in places]
    info = choose_run(audit, run)
    if over == "epochs":
        epochs = choose_epochs(info, epoch=None, sweep=True)
        named = _layer(audit, info, epochs[-1], layer, k=k)
        return [(info, Point(info.name, at, named)) for at in epochs]
    (at,) = choose_epochs(info, epoch=epoch, sweep=False)
    now = stored(audit, info.name, at, layer=None, k=k)
    return [(info, Point(info.name, at, name)) for name in now.layers or (now.layer,)]


def _layer(audit: Audit, run: RunInfo, epoch: int, layer: str | None, *, k: int) -> str:
    return layer or stored(audit, run.name, epoch, layer=None, k=k).layer


def _never(audit: Audit, run: RunInfo, point: Point, image: pl.DataFrame) -> str:
    """Return why there can be nothing of the image at `point`, empty if there can."""
    if point.epoch not in run.epochs:
        return f"has no snapshot of both A and B at epoch {point.epoch}"
    size = run.settings.train_size if run.settings else None
    if size is None or image["part"][0] == "E":
        return ""
    asked = audit.attacked().filter(asked_at(audit, size=size))
    return (
        "" if image["image_id"][0] in asked["image_id"] else f"was not trained on it ({size} images of each part)"
    )


def _next(now: Stored) -> str:
    """Return which step has not been done."""
    if not now.exported:
        return "not exported"
    return "not searched" if now.embedded else "not embedded"


def _command(audit: Audit, point: Point, *, k: int) -> str:
    words = ["score", "--run", point.run, "--epoch", str(point.epoch)]
    words += [] if point.layer == LAYER else ["--layer", point.layer]
    words += [] if k == audit.settings.k else ["--k", str(k)]
    return command(audit, words)


def _near(audit: Audit, point: Point, now: Stored, image_id: int) -> dict[Trainer, Neighbours]:
    """Return the neighbours (1, k or more) of the image under SSL_A and SSL_B."""
    near: dict[Trainer, Neighbours] = {}
    for trainer, state in zip(TRAINERS, now.neighbours or (), strict=True):
        encoder = EncoderId(point.run, trainer, point.epoch)
        found = read_stored(audit, encoder, layer=point.layer, name=now.search, state=state)
        place = int(found.queries.searchsorted(image_id))
        if place == len(found.queries) or found.queries[place] != image_id:
            raise foreign_neighbours(audit)
        row = slice(place, place + 1)
        near[trainer] = Neighbours(found.neighbours.ids[row], found.neighbours.distances[row])
    return near


def _table(
    audit: Audit, image: pl.DataFrame, near: dict[Point, dict[Trainer, Neighbours]], *, k: int
) -> pl.DataFrame:
    """Return the table TRACE of one `image` (one row), a row for each point of `near`."""
    if not near:
        return pl.DataFrame(schema=TRACE.schema)
    found = {
        trainer: Neighbours(
            np.concatenate([one[trainer].ids[:, :k] for one in near.values()]),  # (points, k)
            np.concatenate([one[trainer].distances[:, :k] for one in near.values()]),
        )
        for trainer in TRAINERS
    }
    both = infer_from(audit, np.concatenate([one.ids for one in found.values()]))  # (2 x points, k)
    inferred = {trainer: _half(both, place * len(near), len(near)) for place, trainer in enumerate(found)}
    rows = pl.concat([image] * len(near))
    where = pl.DataFrame(
        [(point.run, point.epoch, point.layer, k) for point in near],
        schema={name: TRACE.schema[name] for name in ("run", "epoch", "layer", "k")},
        orient="row",
    )
    frame = pl.concat([where, answered(rows, found, inferred, k=k)], how="horizontal")
    named = frame.with_columns(
        expression for side in ("target", "reference") for expression in _told(audit, frame, side=side, k=k)
    )
    return TRACE.check(named.select(list(TRACE.schema)))


def _half(both: Inferred, start: int, length: int) -> Inferred:
    rows = slice(start, start + length)
    return Inferred(Votes(both.votes.guesses[rows], both.votes.counts[rows]), both.confidence[rows])


def _told(audit: Audit, frame: pl.DataFrame, *, side: str, k: int) -> tuple[pl.Series, pl.Series]:
    """Return the name of the guess of one side, and how many of its neighbours are of the true class."""
    ids = audit.images["image_id"].to_numpy()  # rising
    labels = audit.images["label"].fill_null(-1).to_numpy()
    near = frame[f"{side}_neighbours"].explode().to_numpy().reshape(-1, k)  # (points, k)
    votes = (labels[ids.searchsorted(near)] == frame["label"].to_numpy()[:, None]).sum(axis=1)
    guesses = frame[f"{side}_guess"]
    names = audit.class_names
    guessed = guesses.replace_strict(names["label"], names["label_name"], return_dtype=pl.String)
    return guessed.alias(f"{side}_guess_name"), pl.Series(f"{side}_label_votes", votes, dtype=pl.Int64)
