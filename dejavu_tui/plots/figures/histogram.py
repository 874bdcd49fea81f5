"""How confident both encoders are of the images of each kind."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis, count_axis, number_axis
from dejavu_tui.plots.captions import subtitle
from dejavu_tui.plots.chart import Bars, Chart, Panel, Share
from dejavu_tui.records import KINDS

SOURCE: Source = "histogram"


def chart(histogram: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table HISTOGRAM: images of A and B by confidence, stacked by kind.

    Above the confidence of the target encoder, below that of the reference encoder, of the same images.
    """
    attacked = histogram.filter(pl.col("part").is_in(["A", "B"]))
    bins = attacked.select("low", "high").unique("low").sort("low")
    edges = (*bins["low"], bins["high"][-1])
    label = "confidence: negative entropy of the votes, nats"
    axis = number_axis(label, edges[0], edges[-1])
    if edges[0] == edges[-1]:  # one neighbour votes
        axis, edges = category_axis(label, ["0"]), (-0.3, 0.3)
    counted = attacked.group_by("encoder", "kind", "low").agg(pl.col("images").sum()).sort("low")
    stacks = {encoder: Bars(edges, _shares(counted.filter(encoder=encoder))) for encoder in ("target", "reference")}
    heights = [height for bars in stacks.values() for height in _heights(bars)]
    panels = [
        Panel(count_axis(f"images, {encoder} encoder", heights), (bars,), weight=5)
        for encoder, bars in stacks.items()
    ]
    total = attacked.filter(encoder="target")["images"].sum()
    return Chart(
        "Confidence of both encoders", subtitle(attacked.with_columns(n=pl.lit(total))), axis, tuple(panels)
    )


def _shares(counted: pl.DataFrame) -> tuple[Share, ...]:
    return tuple(Share(kind, kind, tuple(counted.filter(kind=kind)["images"])) for kind in KINDS)


def _heights(bars: Bars) -> list[float]:
    return [sum(heights) for heights in zip(*(share.heights for share in bars.shares), strict=True)]
