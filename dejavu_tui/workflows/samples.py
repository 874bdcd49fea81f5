"""The table of attacked images: what each encoder inferred of each, and from which neighbours."""

from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.artefacts import is_current, publish, verify
from dejavu_tui.neighbours.base import Neighbours, check_k
from dejavu_tui.records import KINDS, USUAL, Compute, Progress, Stop, Trainer, never, silent
from dejavu_tui.scores.partition import kind_codes
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.chosen import Chosen
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.infer import Inferred, infer
from dejavu_tui.workflows.pairs import prepare_pairs, search_pair
from dejavu_tui.workflows.runs import choose_epochs, choose_run
from dejavu_tui.workflows.shown import images_of
from dejavu_tui.workflows.trained import asked_at
from dejavu_tui.workspace import Audit

KIND = "samples"
"""Kind of artefact."""


def chosen_samples(
    audit: Audit,
    *,
    run: str | None = None,
    epoch: int | None = None,
    layer: str | None = None,
    k: int | None = None,
    search: str = "auto",
    recall: float = RECALL,
    compute: Compute = USUAL,
    progress: Progress = silent,
    stop: Stop = never,
) -> Chosen:
    """Return the attacked images of one snapshot: the last of the run trained last, at its usual layer and
    the audit's k, unless named.

    A row for each image, in order of image_id; of a run of a size only those images of A and B that it was trained
    on. Stored, and all that is missing on the way is made and kept. Raises as `score_run` does.
    """
    named = choose_run(audit, run)
    (at,) = choose_epochs(named, epoch=epoch, sweep=False)
    voters = audit.settings.k if k is None else k
    check_k(voters, size=images_of(audit, "public").height)
    (pair,), (at_layer,) = prepare_pairs(
        audit,
        run=named.name,
        epochs=(at,),
        layers=None if layer is None else (layer,),
        compute=compute,
        progress=progress,
        stop=stop,
    )
    name, found = search_pair(
        audit, pair, layer=at_layer, k=voters, search=search, recall=recall, progress=progress, stop=stop
    )
    folder = audit.scores_folder(pair.run, epoch=at, layer=at_layer, name=f"k{voters}-{name}")
    path = folder / f"{SAMPLES.name}.parquet"
    identity: dict[str, Any] = {"neighbours": {trainer: one.digest for trainer, one in found.items()}, "k": voters}
    if pair.size is not None:
        identity["train_size"] = pair.size
    if not is_current(folder, kind=KIND, identity=identity):
        near = {trainer: one.neighbours for trainer, one in found.items()}
        inferred = {trainer: infer(audit, one, k=voters) for trainer, one in found.items()}
        frame = answered(audit.attacked(), near, inferred, k=voters).filter(asked_at(audit, size=pair.size))
        frame = frame.with_columns(
            run=pl.lit(pair.run),
            epoch=pl.lit(at, pl.Int64),
            layer=pl.lit(at_layer),
            k=pl.lit(voters, pl.Int64),
        )
        with audit.lock(at=folder.parents[3]), publish(folder, kind=KIND, identity=identity) as draft:
            SAMPLES.write(frame.select(list(SAMPLES.schema)), draft.folder / path.name)
            draft.counts["images"] = frame.height
    verify(folder, kind=KIND)
    reached = min(one.recall for one in found.values())
    return Chosen(pair.run, at, at_layer, voters, name, reached, SAMPLES.read(path))


def answered(
    attacked: pl.DataFrame, found: dict[Trainer, Neighbours], inferred: dict[Trainer, Inferred], *, k: int
) -> pl.DataFrame:
    """Return the columns of SAMPLES after `k`, for the n rows of `Audit.attacked` that are `attacked`.

    `found` (n, at least k) and what was `inferred` of the first `k` of them: by encoder, in the same order.
    """
    target_is_b = (attacked["part"] == "B").to_numpy()
    labels = attacked["label"].to_numpy()
    target = _columns("target", found, inferred, target_is_b, k=k)
    reference = _columns("reference", found, inferred, ~target_is_b, k=k)
    frame = attacked.drop("width", "height").rename({name: f"crop_{name}" for name in ("x0", "y0", "x1", "y1")})
    target_hit = target["target_guess"].to_numpy() == labels
    reference_hit = reference["reference_guess"].to_numpy() == labels
    kinds = np.array(KINDS)[kind_codes(target_hit, reference_hit)]
    return frame.with_columns(
        *target.values(),
        *reference.values(),
        target_hit=target_hit,
        reference_hit=reference_hit,
        kind=pl.Series(kinds, dtype=pl.String),
        confidence_gap=target["target_confidence"] - reference["reference_confidence"],
    )


def _columns(
    side: Literal["target", "reference"],
    found: dict[Trainer, Neighbours],
    inferred: dict[Trainer, Inferred],
    from_b: NDArray[np.bool_],
    *,
    k: int,
) -> dict[str, pl.Series]:
    """Return the columns of one side; rows marked `from_b` (n,) come from SSL_B, the others from SSL_A."""
    a, b = inferred["A"], inferred["B"]
    near, far = found["A"], found["B"]
    rows = from_b[:, None]  # (n, 1) against (n, k)
    values = {
        "guess": pl.Series(np.where(from_b, b.votes.guesses[:, 0], a.votes.guesses[:, 0])),
        "confidence": pl.Series(np.where(from_b, b.confidence, a.confidence)),
        "neighbours": _lists(np.where(rows, far.ids[:, :k], near.ids[:, :k])),
        "distances": _lists(np.where(rows, far.distances[:, :k], near.distances[:, :k])),
    }
    return {f"{side}_{name}": series.alias(f"{side}_{name}") for name, series in values.items()}


def _lists(values: NDArray[np.int64] | NDArray[np.float64]) -> pl.Series:
    inner = pl.Int64 if values.dtype == np.int64 else pl.Float64
    return pl.Series(values=values).cast(pl.List(inner))
