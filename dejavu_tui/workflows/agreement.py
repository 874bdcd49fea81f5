"""How far the int8 encoders of a snapshot say what its float32 ones say, on images of X and on crops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.embeddings.pipeline import Job, embedded
from dejavu_tui.embeddings.session import OnnxEncoder, batch_of
from dejavu_tui.errors import ParityError, StoppedError
from dejavu_tui.images.decoders import CORES
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.records import Precision, Progress, Step, Stop, Trainer
from dejavu_tui.scores.rows import score_rows
from dejavu_tui.workflows.drawn import drawn_rows
from dejavu_tui.workflows.infer import Inferred, answers
from dejavu_tui.workflows.layers import usual_layer
from dejavu_tui.workflows.shown import ids_of
from dejavu_tui.workflows.trained import asked_at
from dejavu_tui.workspace import Audit

TOP = 20
"""The share of most confident images, in percent, whose score is compared."""
PUBLIC, CROPS = 10_000, 4000
"""The most images of X and crops on which both are compared."""
_RESAMPLES = 1000


@dataclass(frozen=True)
class Shown:
    """What both are shown: images of X, attacked crops, and how many neighbours vote."""

    public: pl.DataFrame
    crops: pl.DataFrame
    k: int


def shown_to_both(audit: Audit, *, size: int | None) -> Shown:
    """Return what is compared, drawn by the audit's seed; the audit's k, as far as there are so many images.

    Of a run of a `size` only those images of A and B that it was trained on, as for its score.
    """
    public = drawn_rows(audit, "public", count=PUBLIC, stream="int8 compared")
    asked = audit.attacked().filter(asked_at(audit, size=size))["image_id"]
    crops = drawn_rows(audit, "crops", count=CROPS, stream="int8 compared").filter(
        pl.col("image_id").is_in(asked.implode())
    )
    return Shown(public, crops, min(audit.settings.k, public.height))


def neighbours_of(
    encoders: Sequence[OnnxEncoder], shown: Shown, audit: Audit, *, progress: Progress, stop: Stop
) -> list[NDArray[np.int64]]:
    """Return the neighbours (m, k) in X of the crops, image ids, under each of `encoders` at its usual layer."""
    layer = usual_layer(encoders[0].card.layers)
    size = encoders[0].card.input_size
    jobs = [Job(encoder, {layer: str(place)}) for place, encoder in enumerate(encoders)]
    vectors = []
    for rows in (shown.public, shown.crops):
        pictures = Pictures(rows, source=audit.source, size=size, batch=batch_of(size))
        parts = []
        with embedded(jobs, pictures, rows["path"], range(len(pictures)), workers=CORES) as results:
            for number, part in enumerate(results):
                if stop():
                    raise StoppedError
                parts.append(part)
                progress(Step("compare with fp32", number + 1, len(pictures)))
        vectors.append([np.concatenate([part[str(place)] for part in parts]) for place in range(len(encoders))])
    ids = ids_of(shown.public)
    return [
        ExactSearch(public, ids, stop=stop).search(crops, k=shown.k).ids
        for public, crops in zip(*vectors, strict=True)
    ]


def agreement(
    whole: NDArray[np.int64], rounded: NDArray[np.int64], one: Inferred, other: Inferred
) -> dict[str, float]:
    """Return the shares of neighbours kept, and of equal guesses of all and of the most confident TOP percent."""
    same = one.votes.guesses[:, 0] == other.votes.guesses[:, 0]
    confident = np.argsort(-one.confidence, kind="stable")[: max(1, len(same) * TOP // 100)]
    kept = sum(np.intersect1d(a, b).size for a, b in zip(whole, rounded, strict=True))
    return {
        "neighbours": kept / whole.size,
        "guesses": float(same.mean()),
        f"guesses_top{TOP}": float(same[confident].mean()),
    }


def scores_of(
    audit: Audit, shown: Shown, found: Mapping[Precision, Mapping[Trainer, Inferred]]
) -> dict[str, float]:
    """Return the score of both directions at TOP percent in both precisions, the interval of float32, and how many
    images it is of.
    """
    rows = {
        name: score_rows(
            answers(shown.crops, dict(inferred), label_rank=1),
            percents=[TOP],
            resamples=_RESAMPLES,
            seed=audit.settings.seed,
        )[0]
        for name, inferred in found.items()
    }
    whole, rounded = rows["fp32"], rows["int8"]
    if whole["ci_low"] is None:
        raise ParityError(
            f"there is no score to compare ({whole['note']})", where=audit.root, fix="use the float32 encoder"
        )
    return {
        "score_fp32": whole["dejavu_score"],
        "score_int8": rounded["dejavu_score"],
        "ci_low": whole["ci_low"],
        "ci_high": whole["ci_high"],
        "public": shown.public.height,
        "crops": shown.crops.height,
        "k": shown.k,
    }
