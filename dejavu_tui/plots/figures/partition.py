"""The four kinds of attacked images over epochs, stacked to all of them (Figure 5 of the paper)."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis, sweep_axis, whole_percent_axis
from dejavu_tui.plots.captions import subtitle, undefined
from dejavu_tui.plots.chart import Areas, Axis, Bars, Chart, Panel, Share
from dejavu_tui.records import KINDS

SOURCE: Source = "epochs"


def chart(scores: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table SCORES, of one run at one p, over its snapshots.

    A single snapshot is one bar: it has no course.
    """
    both = scores.filter(direction="both").sort("epoch")
    known = both.drop_nulls(KINDS)
    shares = tuple(Share(kind, kind, tuple(known[kind])) for kind in KINDS)
    epochs = known["epoch"].to_list()
    axis: Axis
    mark: Areas | Bars
    if len(epochs) > 1:
        axis, mark = sweep_axis("epoch", epochs, margin=0), Areas(tuple(epochs), shares)
    else:
        axis, mark = category_axis("epoch", [f"{epoch:,}" for epoch in epochs]), Bars((-0.3, 0.3), shares)
    return Chart(
        "Partition of the attacked images",
        subtitle(both.drop("top_percent")),
        axis,
        (Panel(whole_percent_axis("share of images"), (mark,), weight=8),),
        undefined(both, "epoch", "memorized"),
    )
