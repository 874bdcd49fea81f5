"""Accuracy against the share of most confident images (Figure 3 of the paper), and the score below it."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

TITLE = "Accuracy on the most confident images"
NEEDS = (
    "top_percent",
    "accuracy_target",
    "accuracy_reference",
    "dejavu_score",
    "ci_low",
    "ci_high",
    "run",
    "epoch",
    "layer",
    "k",
    "n",
)
_TARGET, _REFERENCE, _SCORE = "#0072b2", "#d55e00", "#333333"
"""Blue and vermilion of Okabe and Ito; in grey they are told apart by line style and labels."""
_TICKS = (1, 2, 5, 10, 20, 50, 100)


def draw(curve: pl.DataFrame) -> Figure:
    """Draw rows of one direction of the table SCORES, one for each p: both encoders' accuracy, and the score.

    The band is the 95% interval of the score; it is left out where there is none.
    """
    curve = curve.sort("top_percent")
    share = curve["top_percent"].to_numpy()
    figure = Figure(figsize=(6.4, 5.2), dpi=150, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(5, 3))
    for column, colour, style, name in (
        ("accuracy_target", _TARGET, "-", "target encoder: trained on the image"),
        ("accuracy_reference", _REFERENCE, "--", "reference encoder: never saw it"),
    ):
        upper.plot(share, curve[column].to_numpy(), style, color=colour, linewidth=2, label=name)
    upper.set_ylim(0, 1.03)
    upper.set_ylabel("accuracy")
    upper.legend(loc="upper right", frameon=False)
    first = curve.row(0, named=True)
    upper.set_title(
        f"{TITLE}\n{first['run']}, epoch {first['epoch']}, {first['layer']}, k = {first['k']}, {first['n']} images",
        loc="left",
        fontsize="medium",
        parse_math=False,
    )
    lower.axhline(0, color=_SCORE, linewidth=0.8)
    lower.plot(share, curve["dejavu_score"].to_numpy(), color=_SCORE, linewidth=2)
    band = curve.drop_nulls(("ci_low", "ci_high"))
    lower.fill_between(
        band["top_percent"].to_numpy(),
        band["ci_low"].to_numpy(),
        band["ci_high"].to_numpy(),
        color=_SCORE,
        alpha=0.2,
        linewidth=0,
        label="95% interval",
    )
    lower.legend(loc="upper right", frameon=False)
    lower.set_ylabel("déjà vu score")
    lower.set_xlabel("share of most confident images (log scale)")
    lower.set_xscale("log")
    lower.set_xlim(1, 100)
    lower.set_xticks(_TICKS)
    lower.xaxis.set_minor_locator(NullLocator())
    lower.xaxis.set_major_formatter(PercentFormatter(decimals=0))
    for axes in (upper, lower):
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    return figure
