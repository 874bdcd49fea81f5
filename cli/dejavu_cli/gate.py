"""A score as a gate: `--fail-above` ends a command with exit code 5."""

from collections.abc import Sequence

import polars as pl

from dejavu_cli.diagnostics import Verdict

HEADLINE = 20
"""The share of most confident images, in percent, that is judged unless others are asked for."""


def judge(scores: pl.DataFrame, *, above: float, tops: Sequence[int]) -> None:
    """Raise Verdict: a score of both directions at one of `tops` is above `above`, or undefined."""
    judged = scores.filter(scores["top_percent"].is_in(tops), direction="both")["dejavu_score"]
    if judged.null_count() or not judged.len():
        raise Verdict("the verdict is no: a score that --fail-above judges is undefined")
    worst = max(judged)
    if worst > above:
        raise Verdict(f"the verdict is no: a déjà vu score of {worst:.4f} is above {above}")
