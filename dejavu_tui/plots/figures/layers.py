"""The score at every layer of the encoder, from the backbone to the end of the projector."""

import re

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis
from dejavu_tui.plots.captions import subtitle
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.places import notes, panels
from dejavu_tui.text import safe_text

SOURCE: Source = "layers"
_LONGEST = 24
_INNER = re.compile(r"projector\.([0-9]{1,6})")


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES at one p, of one snapshot at several layers."""
    layers = sorted(scores["layer"].unique(), key=_depth)
    return Chart(
        "Déjà vu memorization by layer",
        subtitle(scores.filter(direction="both")),
        category_axis(
            "layer, from the backbone to the end of the projector",
            [safe_text(layer, limit=_LONGEST) for layer in layers],
        ),
        panels(scores, over="layer", order=layers),
        notes(scores, over="layer", order=layers),
    )


def _depth(layer: str) -> tuple[int, int, str]:
    """Return how deep `layer` lies: the backbone, then projector.1, projector.2, ..., projector (METHOD 5)."""
    place = _INNER.fullmatch(layer)
    if place:
        return 1, int(place[1]), layer
    return {"backbone": 0, "projector": 2}.get(layer, 3), 0, layer
