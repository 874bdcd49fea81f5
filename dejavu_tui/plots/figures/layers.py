"""The score at every layer of the encoder, from the backbone to the end of the projector."""

import re

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis, percent_axis
from dejavu_tui.plots.captions import ends, interval, points, score_points, subtitle, undefined
from dejavu_tui.plots.chart import Chart, Dots, Panel
from dejavu_tui.text import safe_text

SOURCE: Source = "layers"
_APART = 0.08
"""How far beside its place a mark stands, so that two do not cover each other."""
_LONGEST = 24
_INNER = re.compile(r"projector\.([0-9]{1,6})")


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES at one p, of one snapshot at several layers."""
    layers = sorted(scores["layer"].unique(), key=_depth)
    order = pl.DataFrame({"layer": layers})
    both, external = (
        order.join(scores.filter(direction=direction), on="layer", maintain_order="left")
        for direction in ("both", "E")
    )
    axis = category_axis(
        "layer, from the backbone to the end of the projector",
        [safe_text(layer, limit=_LONGEST) for layer in layers],
    )
    at = {layer: place for place, layer in enumerate(layers)}
    left, right = [place - _APART for place in at.values()], [place + _APART for place in at.values()]
    score = score_points(both, left if external.height else at.values())
    control = score_points(external, [at[layer] + _APART for layer in external["layer"]])
    target, reference = points(both, left, "accuracy_target"), points(both, right, "accuracy_reference")
    dots = [Dots(f"both directions{interval(score)}", "score", score)]
    if control:
        dots.append(Dots(f"images neither encoder saw (E){interval(control)}", "control", control))
    return Chart(
        "Déjà vu memorization by layer",
        subtitle(both),
        axis,
        (
            Panel(
                percent_axis("accuracy", ends(target, reference)),
                (
                    Dots("target encoder: trained on the image", "target", target),
                    Dots("reference encoder: never saw it", "reference", reference),
                ),
                weight=4,
            ),
            Panel(percent_axis("déjà vu score", ends(score, control)), tuple(dots), weight=5),
        ),
        (*undefined(both, "layer", "dejavu_score"), *undefined(external, "layer", "dejavu_score")),
    )


def _depth(layer: str) -> tuple[int, int, str]:
    """Return how deep `layer` lies: the backbone, then projector.1, projector.2, ..., projector (METHOD 5)."""
    place = _INNER.fullmatch(layer)
    if place:
        return 1, int(place[1]), layer
    return {"backbone": 0, "projector": 2}.get(layer, 3), 0, layer
