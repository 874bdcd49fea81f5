"""Accuracy against the share of most confident images (Figure 3 of the paper), and the score below it."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import percent_axis
from dejavu_tui.plots.captions import ends, interval, points, score_points, subtitle
from dejavu_tui.plots.chart import Axis, Chart, Line, Panel, Tick

SOURCE: Source = "percents"
_TICKS = (1, 2, 5, 10, 20, 50, 100)


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES, one for each p: both encoders' accuracy, and the score."""
    curve = scores.filter(direction="both").sort("top_percent")
    at = curve["top_percent"].to_list()
    target, reference = points(curve, at, "accuracy_target"), points(curve, at, "accuracy_reference")
    score = score_points(curve, at)
    ticks = tuple(Tick(percent, f"{percent}%") for percent in _TICKS)
    return Chart(
        "Accuracy on the most confident images",
        subtitle(curve),
        Axis("share of most confident images (log scale)", 1, 100, ticks, "log"),
        (
            Panel(
                percent_axis("accuracy", ends(target, reference)),
                (
                    Line("target encoder: trained on the image", "target", target),
                    Line("reference encoder: never saw it", "reference", reference),
                ),
                weight=5,
            ),
            Panel(
                percent_axis("déjà vu score", ends(score)),
                (Line(f"accuracy of target − of reference{interval(score)}", "score", score),),
                weight=4,
            ),
        ),
    )
