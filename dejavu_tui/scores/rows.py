"""The rows of the score table that one layer, k and label rank of one snapshot give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.records import KINDS, Stop, never
from dejavu_tui.scores.accuracy import accuracy_at
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.intervals import bootstrap, interval, streams
from dejavu_tui.scores.mcnemar import mcnemar
from dejavu_tui.scores.partition import kind_counts
from dejavu_tui.tables import SCORES

Attacked: TypeAlias = Literal["A", "B", "E"]
"""The part whose images are attacked, and so the direction."""
DECIMALS = 12
"""A score or an end of its interval is given to so many."""
_NUMBERS = ("accuracy_target", "accuracy_reference", "dejavu_score", "ci_low", "ci_high", *KINDS, "mcnemar_p")


@dataclass(frozen=True)
class _Measured:
    """One direction: accuracies (p,), tie blocks (p,), resampled scores (resamples, p), counts of the kinds."""

    n: int
    target: NDArray[np.float64]
    reference: NDArray[np.float64]
    tie_block: NDArray[np.int64]
    resampled: NDArray[np.float64]
    shares: NDArray[np.float64]
    discordant: tuple[int, int]


def score_rows(
    answers: Mapping[Attacked, Answers],
    *,
    percents: Sequence[int],
    resamples: int,
    seed: int,
    directions: bool = False,
    stop: Stop = never,
) -> list[dict[str, Any]]:
    """Return rows (columns `top_percent`, `direction`, `n` to `tie_block`, `note`) for each of `percents`.

    `answers` holds the directions A and B, and E if there is one. `both` is the mean of A and B (METHOD 2.3); A
    and B themselves are added with `directions`, E always. Without images, numbers are None and `note` says so;
    without `resamples`, the interval is None. Raises StoppedError.
    """
    wanted = np.asarray(percents, dtype=np.int64)
    attacked = {part: one for part, one in answers.items() if len(one)}
    rngs = streams(attacked, seed=seed)
    measured = {
        part: _measure(one, wanted, resamples=resamples, rng=rngs[part], stop=stop)
        for part, one in attacked.items()
    }
    rows = _rows("both", [(part, measured.get(part)) for part in ("A", "B")], wanted)
    for part in answers:
        if directions or part == "E":
            rows += _rows(part, [(part, measured.get(part))], wanted)
    return rows


def score_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return complete rows as the checked table SCORES."""
    return SCORES.check(pl.DataFrame(list(rows), schema=SCORES.schema))


def _measure(
    answers: Answers, percents: NDArray[np.int64], *, resamples: int, rng: np.random.Generator, stop: Stop
) -> _Measured:
    target, target_ties = accuracy_at(answers.target_confidence, answers.target_hit, percents)
    reference, reference_ties = accuracy_at(answers.reference_confidence, answers.reference_hit, percents)
    counts = kind_counts(answers.target_hit, answers.reference_hit)
    return _Measured(
        n=len(answers),
        target=target,
        reference=reference,
        tie_block=np.maximum(target_ties, reference_ties),
        resampled=bootstrap(answers, percents, resamples=resamples, rng=rng, stop=stop),
        shares=np.array([counts[kind] for kind in KINDS]) / len(answers),
        discordant=(counts["memorized"], counts["misrepresented"]),
    )


def _rows(
    direction: str, parts: list[tuple[Attacked, _Measured | None]], percents: NDArray[np.int64]
) -> list[dict[str, Any]]:
    found = [one for _, one in parts if one is not None]
    n = sum(one.n for one in found)
    if len(found) < len(parts):
        empty = " and ".join(part for part, one in parts if one is None)
        blank = dict.fromkeys((*_NUMBERS, "tie_block"))
        note = f"no image of {empty} is attacked"
        return [{"direction": direction, "top_percent": int(p), "n": n, **blank, "note": note} for p in percents]
    target = np.mean([one.target for one in found], axis=0)
    reference = np.mean([one.reference for one in found], axis=0)
    score = target - reference
    shares = np.mean([one.shares for one in found], axis=0)
    resampled = np.mean([one.resampled for one in found], axis=0)  # A and B were resampled apart
    low, high = interval(resampled) if len(resampled) else (None, None)
    memorized, misrepresented = np.sum([one.discordant for one in found], axis=0)
    p_value = mcnemar(int(memorized), int(misrepresented))
    return [
        {
            "direction": direction,
            "top_percent": int(p),
            "n": n,
            "accuracy_target": float(target[i]),
            "accuracy_reference": float(reference[i]),
            "dejavu_score": _clean(score[i]),
            "ci_low": None if low is None else _clean(low[i]),
            "ci_high": None if high is None else _clean(high[i]),
            **{kind: float(share) for kind, share in zip(KINDS, shares, strict=True)},
            "mcnemar_p": p_value,
            "tie_block": max(int(one.tie_block[i]) for one in found),
            "note": None if low is not None else "no interval was asked for",
        }
        for i, p in enumerate(percents)
    ]


def _clean(difference: np.float64) -> float:
    """Return a difference of shares without its last digits, which only say that shares are not binary numbers.

    So an interval that ends at 0 does not exclude it by 1e-17.
    """
    return round(float(difference), DECIMALS) + 0.0  # never -0.0
