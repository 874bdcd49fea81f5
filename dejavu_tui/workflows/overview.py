"""What an audit holds and what it still lacks, without making any of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import polars as pl

from dejavu_tui.artefacts import sha256_json
from dejavu_tui.errors import ContentError, StoppedError
from dejavu_tui.records import Progress, Step, Stop, Trainer, never, silent
from dejavu_tui.scores.rows import score_frame, score_rows
from dejavu_tui.splits.summary import PartRow, summarise
from dejavu_tui.tables import OVERVIEW
from dejavu_tui.workflows.described import UNKNOWN, Description, describe
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.infer import answers, infer
from dejavu_tui.workflows.lacking import Lack, lacking, no_run
from dejavu_tui.workflows.pairs import read_pair, search_pair
from dejavu_tui.workflows.probed import NOT_ASKED, probed_pair
from dejavu_tui.workflows.runs import TRAINERS, RunInfo, inspect_run, run_names, training_now
from dejavu_tui.workflows.score import RESAMPLES, complete
from dejavu_tui.workflows.stored import Stored, stored
from dejavu_tui.workflows.trained import asked_at, not_attacked
from dejavu_tui.workspace import Audit

TOPS = (20, 100)
"""The shares of most confident images, in percent, that an overview shows."""


@dataclass(frozen=True)
class SnapshotFacts:
    """One epoch of a run; `damaged` says which of its files cannot be used, and what to do."""

    epoch: int
    stored: Stored
    damaged: str | None = None


@dataclass(frozen=True)
class RunFacts:
    """One run and its snapshots, rising. `info` None: it is `damaged`, and that says why and what to do."""

    name: str
    info: RunInfo | None
    snapshots: tuple[SnapshotFacts, ...] = ()
    training: tuple[Trainer, ...] = ()
    """Encoders that a process on this machine trains just now."""
    damaged: str | None = None
    description: Description = UNKNOWN


@dataclass(frozen=True)
class Overview:
    """An audit at a glance.

    `parts`: sizes of the parts of the split. `not_attacked`: reason, images. `runs`: the one trained last first,
    damaged ones at the end. `scores`: the table SCORES at TOPS of every snapshot whose neighbours at its usual
    layer and `k` are stored, with its probe if that is, as `dejavu score` gives it. `missing`: what can still be
    done. `stamp` is another if anything of this is.
    """

    parts: tuple[PartRow, ...]
    not_attacked: pl.DataFrame
    runs: tuple[RunFacts, ...]
    k: int
    scores: pl.DataFrame
    missing: tuple[Lack, ...]
    stamp: str


def overview(
    audit: Audit, *, counted: Collection[str] | None = None, progress: Progress = silent, stop: Stop = never
) -> Overview:
    """Return what `audit` holds: files are read, nothing is made. What was counted once is remembered.

    `counted`: the runs whose votes are counted; None: all. The others are shown without a score.

    A damaged run or snapshot is said to be, and the others are shown all the same.

    Raises ContentError: the split is damaged; StoppedError.
    """
    k = audit.settings.k
    return _overview(audit, *_scored(audit, _runs(audit), counted, k=k, progress=progress, stop=stop))


def holdings(audit: Audit) -> Overview:
    """Return what `overview` does but without a score, at once: no votes are counted.

    Raises ContentError: the split is damaged.
    """
    return _overview(audit, tuple(_runs(audit)), [])


def _overview(audit: Audit, seen: tuple[RunFacts, ...], rows: list[dict[str, Any]]) -> Overview:
    k = audit.settings.k
    parts, reasons = _split(audit)
    missing = tuple(chain.from_iterable(_missing(audit, run) for run in seen))
    return Overview(
        parts=parts,
        not_attacked=reasons,
        runs=seen,
        k=k,
        scores=score_frame(rows),
        missing=missing if seen else (no_run(audit),),
        stamp=sha256_json([audit.fingerprint, repr(seen), k, len(rows)]),
    )


def _runs(audit: Audit) -> list[RunFacts]:
    """Return the runs, the one trained last first, damaged ones at the end."""
    runs = [_run(audit, name, k=audit.settings.k) for name in run_names(audit)]
    return sorted(runs, key=lambda run: (run.info is None, -(run.info.sequence if run.info else 0), run.name))


def _run(audit: Audit, name: str, *, k: int) -> RunFacts:
    try:
        info = inspect_run(audit, name)
    except ContentError as error:
        return RunFacts(name, None, damaged=str(error))
    snapshots = tuple(_snapshot(audit, name, epoch, k=k) for epoch in info.epochs)
    return RunFacts(name, info, snapshots, training_now(audit, name), description=_description(audit, info))


def _description(audit: Audit, info: RunInfo) -> Description:
    """Return what the encoders are; nothing where a card is damaged, which its snapshot tells."""
    try:
        return describe(audit, info)
    except ContentError:
        return UNKNOWN


def _snapshot(audit: Audit, run: str, epoch: int, *, k: int) -> SnapshotFacts:
    try:
        return SnapshotFacts(epoch, stored(audit, run, epoch, layer=None, k=k))
    except ContentError as error:
        return SnapshotFacts(epoch, Stored(), str(error))


def _scored(
    audit: Audit,
    runs: list[RunFacts],
    counted: Collection[str] | None,
    *,
    k: int,
    progress: Progress,
    stop: Stop,
) -> tuple[tuple[RunFacts, ...], list[dict[str, Any]]]:
    """Return `runs`, with what turned out to be damaged, and the rows of all that is scored and to be counted."""
    wanted = {run.name for run in runs if counted is None or run.name in counted}
    total = sum(one.stored.scored for run in runs if run.name in wanted for one in run.snapshots)
    rows: list[dict[str, Any]] = []
    seen: list[RunFacts] = []
    done = 0
    for run in runs:
        snapshots = list(run.snapshots)
        for place, one in enumerate(snapshots):
            if run.info is None or run.name not in wanted or not one.stored.scored:
                continue
            if stop():
                raise StoppedError
            progress(Step("count votes", done, total, f"{run.name}, epoch {one.epoch}"))
            done += 1
            try:
                rows += _rows(audit, run.info, one, k=k, stop=stop)
            except ContentError as error:
                snapshots[place] = replace(one, damaged=str(error))
        seen.append(replace(run, snapshots=tuple(snapshots)))
    return tuple(seen), rows


_counted: dict[tuple[object, ...], list[dict[str, Any]]] = {}
"""Rows by all that decides them: so that looking again and again costs nothing."""


def _rows(audit: Audit, info: RunInfo, snapshot: SnapshotFacts, *, k: int, stop: Stop) -> list[dict[str, Any]]:
    now = snapshot.stored
    seed = audit.settings.seed
    size = info.settings.train_size if info.settings else None
    key = (audit.fingerprint, info.name, snapshot.epoch, size, now.neighbours, now.probed, k, seed)
    if key not in _counted:
        pair = read_pair(audit, info, snapshot.epoch)
        name, found = search_pair(
            audit, pair, layer=now.layer, k=k, search="auto", recall=RECALL, progress=silent, stop=stop
        )
        probed = probed_pair(audit, pair, progress=silent, stop=stop) if now.probed else NOT_ASKED
        inferred = {trainer: infer(audit, found[trainer], k=k) for trainer in TRAINERS}
        asked = asked_at(audit, size=pair.size).to_numpy()
        measured = score_rows(
            answers(audit.attacked(), inferred, label_rank=1, asked=asked),
            percents=TOPS,
            resamples=RESAMPLES,
            seed=seed,
            stop=stop,
        )
        how = {"layer": now.layer, "k": k, "label_rank": 1, "search": name}
        _counted[key] = complete(audit, pair, measured, found=found, probed=probed, how=how)
    return _counted[key]


def _missing(audit: Audit, run: RunFacts) -> list[Lack]:
    """Return what `run` lacks; what is damaged comes first, for nothing else can be made of it."""
    if run.info is None:
        return [Lack(f"run {run.name} is damaged: {run.damaged}", "")]
    damaged = [Lack(f"{run.name}, epoch {one.epoch}: {one.damaged}", "") for one in run.snapshots if one.damaged]
    sound = {one.epoch: one.stored for one in run.snapshots if not one.damaged}
    return damaged + lacking(audit, run.info, sound, training=run.training)


_splits: dict[str, tuple[tuple[PartRow, ...], pl.DataFrame]] = {}
"""What a split counts, by its fingerprint."""


def _split(audit: Audit) -> tuple[tuple[PartRow, ...], pl.DataFrame]:
    if audit.fingerprint not in _splits:
        counted = summarise(
            images=audit.images, parts=audit.parts, crops=audit.crops, dropped=audit.dropped, ignored=0
        )
        _splits[audit.fingerprint] = counted.parts, not_attacked(audit)
    return _splits[audit.fingerprint]


def table(seen: Overview) -> pl.DataFrame:
    """Return the table OVERVIEW: a row for each snapshot, runs as in `seen`, epochs rising; the score at 20%."""
    facts = pl.DataFrame(
        [
            (run.name, one.epoch, one.stored.layer, one.stored.stage, one.stored.index, one.damaged)
            for run in seen.runs
            for one in run.snapshots
        ],
        schema={name: OVERVIEW.schema[name] for name in ("run", "epoch", "layer", "stage", "index", "note")},
        orient="row",
    )
    headline = seen.scores.filter(direction="both", top_percent=TOPS[0]).drop("layer", "note")
    rows = facts.join(headline, on=["run", "epoch"], how="left", maintain_order="left")
    return OVERVIEW.check(rows.select(list(OVERVIEW.schema)))
