"""The score table of one run, from whatever of it is already there."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.images.catalogue import BAD
from dejavu_tui.inference.votes import MAX_K
from dejavu_tui.neighbours.base import check_k
from dejavu_tui.records import USUAL, Compute, Precision, Progress, Stop, Trainer, never, silent
from dejavu_tui.scores.rows import score_frame, score_rows
from dejavu_tui.workflows.classes import check_label_rank
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.infer import answers, infer
from dejavu_tui.workflows.pairs import Pair, prepare_pairs, search_pair
from dejavu_tui.workflows.probed import NOT_ASKED, ProbedPair, prepare_probes, probed_pair
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.search import Found
from dejavu_tui.workflows.shown import images_of
from dejavu_tui.workflows.trained import asked_at
from dejavu_tui.workspace import Audit

TOPS = (1, 5, 20, 100)
RESAMPLES = 1000


def score_run(
    audit: Audit,
    *,
    run: str | None = None,
    epochs: Sequence[int] | None = None,
    layers: Sequence[str] | None = None,
    ks: Sequence[int] | None = None,
    tops: Sequence[int] = TOPS,
    label_ranks: Sequence[int] = (1,),
    directions: bool = False,
    search: str = "auto",
    recall: float = RECALL,
    resamples: int = RESAMPLES,
    probe: bool = False,
    precision: Precision = "fp32",
    compute: Compute = USUAL,
    progress: Progress = silent,
    stop: Stop = never,
) -> pl.DataFrame:
    """Return the table SCORES: rows by epoch, layer, k, label rank, direction, p, in the order asked.

    Defaults: the run trained last, its last epoch, its usual layer, k of the audit. Of a run of a size,
    only those images of A and B count that it was trained on, and all of E. Missing exports, embeddings and
    neighbours are made and kept, those of a finished snapshot also if the rest is stopped. With `probe` the columns
    of the linear probe are filled too. With `precision` int8 the encoders are approximated, and each row's note
    says so.

    Raises RequestError: no such run, epoch or layer, k > |X|, p outside 1..100, label rank outside 1..5;
    ContentError: a damaged file; MeasurementError: embeddings or a search that cannot be trusted; BusyError;
    StoppedError.
    """
    ks = tuple(ks or (audit.settings.k,))
    check_request(audit, ks=ks, tops=tops, label_ranks=label_ranks, recall=recall)
    pairs, measured = prepare_pairs(
        audit,
        run=run,
        epochs=epochs,
        layers=layers,
        precision=precision,
        compute=compute,
        progress=progress,
        stop=stop,
    )
    if probe:
        prepare_probes(audit, pairs, compute=compute, progress=progress, stop=stop)
    attacked = audit.attacked()
    rows = []
    for pair in pairs:
        probed = probed_pair(audit, pair, progress=progress, stop=stop) if probe else NOT_ASKED
        asked = asked_at(audit, size=pair.size).to_numpy()
        for layer in measured:
            name, found = search_pair(
                audit, pair, layer=layer, k=max(ks), search=search, recall=recall, progress=progress, stop=stop
            )
            for k in ks:
                inferred = {trainer: infer(audit, found[trainer], k=k) for trainer in TRAINERS}
                for label_rank in label_ranks:
                    scores = score_rows(
                        answers(attacked, inferred, label_rank=label_rank, asked=asked),
                        percents=tops,
                        resamples=resamples,
                        seed=audit.settings.seed,
                        directions=directions,
                        stop=stop,
                    )
                    how = {"layer": layer, "k": k, "label_rank": label_rank, "search": name}
                    rows += complete(audit, pair, scores, found=found, probed=probed, how=how)
    return score_frame(rows)


def complete(
    audit: Audit,
    pair: Pair,
    measured: Sequence[dict[str, Any]],
    *,
    found: dict[Trainer, Found],
    probed: ProbedPair,
    how: dict[str, Any],
) -> list[dict[str, Any]]:
    """Return the rows `measured` (of `score_rows`) of the neighbours `found` with all columns of SCORES.

    `how`: layer, k, label_rank and search.
    """
    context = _context(audit, pair) | how | {"recall": min(one.recall for one in found.values())}
    known = _known(audit)
    return [context | _of_direction(pair, probed, row, known=known) for row in measured]


def _known(audit: Audit) -> str | None:
    """Return what is known of the audit's images that every number of them must tell; None: nothing."""
    bad = int(audit.dropped["reason"].str.starts_with(BAD).sum())
    copies = audit.copies.height if audit.settings.copies == "keep" else 0
    told = (
        f"{bad} bad file{'s' if bad > 1 else ''} left out of the split" if bad else "",
        f"{copies} cop{'ies' if copies > 1 else 'y'} of other images kept" if copies else "",
    )
    return "; ".join(text for text in told if text) or None


def _context(audit: Audit, pair: Pair) -> dict[str, object]:
    card = pair.cards["A"]
    return {
        "run": pair.run,
        "method": card.method,
        "arch": card.architecture,
        "epoch": pair.epoch,
        "train_size": pair.train_size,
        "seed": audit.settings.seed,
    }


def _of_direction(pair: Pair, probed: ProbedPair, row: dict[str, Any], *, known: str | None) -> dict[str, Any]:
    """Return `row` with the encoders and the probe of its direction, and what is to be known of it."""
    target: Trainer = "B" if row["direction"] == "B" else "A"
    reference: Trainer = "A" if row["direction"] == "B" else "B"
    encoders = {"encoder_target": pair.sha256(target), "encoder_reference": pair.sha256(reference)}
    precision = None if pair.precision == "fp32" else f"{pair.precision}: an approximation"
    notes = [note for note in (precision, known, row["note"], probed.note) if note]
    return row | encoders | probed.columns(row["direction"]) | {"note": "; ".join(notes) or None}


def check_request(
    audit: Audit, *, ks: Sequence[int], tops: Sequence[int], label_ranks: Sequence[int], recall: float
) -> None:
    """Raise RequestError if a score cannot be of these numbers."""
    size = images_of(audit, "public").height
    for k in ks:
        check_k(k, size=min(size, MAX_K))
    if not tops or not all(1 <= top <= 100 for top in tops):
        raise RequestError("the most confident share is a whole percentage", fix="choose --top from 1 to 100")
    if not label_ranks:
        raise RequestError("no label rank is named", fix="choose --labels from 1 to 5")
    for rank in label_ranks:
        check_label_rank(rank)
    if not 0 < recall <= 1:
        raise RequestError("the recall is a share", fix="choose --recall above 0, at most 1")
    for name, values in (("k", ks), ("top", tops), ("labels", label_ranks)):
        if len(set(values)) < len(values):
            raise RequestError(f"--{name} names a number twice", fix="name each once")
