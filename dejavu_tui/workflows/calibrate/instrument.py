"""`calibrate`: every planted truth through the real path, as a table of expected against measured."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Progress, Step, Stop, never, silent
from dejavu_tui.tables import CALIBRATION
from dejavu_tui.workflows.calibrate.coverage import coverage_rows
from dejavu_tui.workflows.calibrate.noise import Expected, exactly
from dejavu_tui.workflows.calibrate.pictures import World, build_world
from dejavu_tui.workflows.calibrate.truths import REMEMBERS_ALL, RESAMPLES, SHARE_CUT, SWAPPED, TRUTHS, Truth
from dejavu_tui.workflows.score import score_run

PER_CLASS = 27
"""Attacked images of each class in A, B and E: 216 in each, of which 30% is no whole number."""
PUBLIC = 46
"""Images of each class in X."""
TOPS = (20, SHARE_CUT, 100)
_PRECISION = 1e-9
"""What counts as equal: sums of shares in another order differ by some 1e-16."""


def calibrate(
    *,
    seed: int = 0,
    coverage: int | None = None,
    truths: Sequence[Truth] = TRUTHS,
    progress: Progress = silent,
    stop: Stop = never,
) -> pl.DataFrame:
    """Return the table CALIBRATION: one row for each number that a planted truth fixes.

    Images are painted into a temporary folder, split, and scored under planted ONNX encoders by the functions that
    `dejavu split` and `dejavu score` call. `coverage`: over so many more planted data sets, the share of intervals
    that hold the planted score.

    Raises what `split.plan`, `split.write` and `score_run` raise, and StoppedError.
    """
    scores: dict[tuple[Truth, float], pl.DataFrame] = {}
    total = sum(len(truth.dials) for truth in truths)
    for dial in sorted({dial for truth in truths for dial in truth.dials}):
        with tempfile.TemporaryDirectory(prefix="dejavu-") as folder:
            world = build_world(
                Path(folder),
                dial=dial,
                per_class=PER_CLASS,
                external=0 if dial else PER_CLASS,
                public=PUBLIC,
                seed=seed,
                stop=stop,
            )
            for truth in truths:
                if dial in truth.dials:
                    if stop():
                        raise StoppedError
                    progress(Step("calibrate", len(scores), total, f"{truth.name}, dial {dial:g}"))
                    scores[truth, dial] = _score(world, truth, stop=stop)
    progress(Step("calibrate", total, total))
    rows = [row for truth in truths for dial in truth.dials for row in _rows(truth, dial, scores[truth, dial])]
    rows += _identities(scores)
    rows += [
        _row("interval coverage", quantity, wanted, share)
        for quantity, wanted, share in coverage_rows(coverage or 0, seed=seed, progress=progress, stop=stop)
    ]
    return CALIBRATION.check(pl.DataFrame(rows, schema=CALIBRATION.schema))


def failed(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the table CALIBRATION that the instrument failed."""
    return table.filter(verdict="fail")


def _row(check: str, quantity: str, expected: Expected, measured: float | None) -> dict[str, object]:
    """Return one row of the table; an undefined number fails."""
    holds = measured is not None and expected.low - _PRECISION <= measured <= expected.high + _PRECISION
    return {
        "check": check,
        "quantity": quantity,
        "expected": expected.value,
        "low": expected.low,
        "high": expected.high,
        "measured": None if measured is None else round(measured, 12),
        "verdict": "pass" if holds else "fail",
    }


def _score(world: World, truth: Truth, *, stop: Stop) -> pl.DataFrame:
    truth.plant(world)
    scores = score_run(world.audit, run=truth.run, tops=TOPS, directions=True, resamples=RESAMPLES, stop=stop)
    return scores.with_columns((pl.col("ci_high") - pl.col("ci_low")).alias("interval width"))


def _rows(truth: Truth, dial: float, scores: pl.DataFrame) -> Iterator[dict[str, object]]:
    n = int(scores.filter(direction="A")["n"][0])
    for one in truth.expects(dial, n):
        found = scores.filter(direction=one.direction, top_percent=one.top_percent)[one.column]
        quantity = f"{one.column}, {one.direction}, top {one.top_percent}%"
        yield _row(f"{truth.name}, dial {dial:g}", quantity, one.expected, found.item())


def _identities(scores: Mapping[tuple[Truth, float], pl.DataFrame]) -> Iterator[dict[str, object]]:
    """Yield how far METHOD 2.3 and 2.5 are off at most, over the rows of all truths."""
    every = pl.concat(frame.with_columns(truth=pl.lit(i)) for i, frame in enumerate(scores.values()))
    memorized, correlated, misrepresented = map(pl.col, ("memorized", "correlated", "misrepresented"))
    shares = memorized + correlated + misrepresented + pl.col("unassociated")
    off = {
        "memorized + correlated - accuracy_target": memorized + correlated - pl.col("accuracy_target"),
        "misrepresented + correlated - accuracy_reference": misrepresented
        + correlated
        - pl.col("accuracy_reference"),
        "memorized - misrepresented - dejavu_score": memorized - misrepresented - pl.col("dejavu_score"),
        "sum of the four shares - 1": shares - 1,
    }
    whole = every.filter(top_percent=100)
    for quantity, difference in off.items():
        yield _row("identities", quantity, exactly(0), whole.select(difference.abs().max()).item())
    by_direction = every.pivot("direction", index=["truth", "top_percent"], values="dejavu_score")
    mean = (pl.col("A") + pl.col("B")) / 2 - pl.col("both")
    yield _row("identities", "mean of A and B - both", exactly(0), by_direction.select(mean.abs().max()).item())
    for dial in SWAPPED.dials:
        pair = [scores[truth, dial] for truth in (REMEMBERS_ALL, SWAPPED) if (truth, dial) in scores]
        if len(pair) == 2:
            straight, exchanged = (one.filter(direction="A")["dejavu_score"] for one in pair)
            off_by = float(np.abs((straight + exchanged).to_numpy()).max())
            yield _row("identities", f"remembers all + swapped, A, dial {dial:g}", exactly(0), off_by)
