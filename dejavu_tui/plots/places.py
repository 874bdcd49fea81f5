"""Accuracies and scores of things that stand beside each other, each at a place of its own."""

from collections.abc import Sequence

import polars as pl

from dejavu_tui.plots.axes import percent_axis
from dejavu_tui.plots.captions import ends, interval, points, score_points, undefined
from dejavu_tui.plots.chart import Dots, Panel

_APART = 0.08
"""How far beside its place a mark stands, so that two do not cover each other."""


def panels(scores: pl.DataFrame, *, over: str, order: Sequence[str]) -> tuple[Panel, Panel]:
    """Return both encoders' accuracies, and the scores of both directions and of E below them.

    `scores`: rows of the table SCORES, one of a direction for each value of the column `over`; a value stands at
    its place in `order`.
    """
    both, external = (_placed(scores, over=over, order=order, direction=direction) for direction in ("both", "E"))
    at = {value: place for place, value in enumerate(order)}
    left, right = [place - _APART for place in at.values()], [place + _APART for place in at.values()]
    score = score_points(both, left if external.height else at.values())
    control = score_points(external, [at[value] + _APART for value in external[over]])
    target, reference = points(both, left, "accuracy_target"), points(both, right, "accuracy_reference")
    dots = [Dots(f"both directions{interval(score)}", "score", score)]
    if control:
        dots.append(Dots(f"images neither encoder saw (E){interval(control)}", "control", control))
    return (
        Panel(
            percent_axis("accuracy", ends(target, reference)),
            (
                Dots("target encoder: trained on the image", "target", target),
                Dots("reference encoder: never saw it", "reference", reference),
            ),
            weight=4,
        ),
        Panel(percent_axis("déjà vu score", ends(score, control)), tuple(dots), weight=5),
    )


def notes(scores: pl.DataFrame, *, over: str, order: Sequence[str]) -> tuple[str, ...]:
    """Return which scores are undefined, and why."""
    placed = [_placed(scores, over=over, order=order, direction=direction) for direction in ("both", "E")]
    return tuple(note for rows in placed for note in undefined(rows, over, "dejavu_score"))


def _placed(scores: pl.DataFrame, *, over: str, order: Sequence[str], direction: str) -> pl.DataFrame:
    asked = pl.DataFrame({over: order})
    return asked.join(scores.filter(direction=direction), on=over, maintain_order="left")
