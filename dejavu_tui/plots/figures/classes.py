"""Gap by class: what the target encoder remembers of each class, against what the other way round is chance."""

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.plots.axes import category_axis, percent, percent_axis
from dejavu_tui.plots.captions import subtitle, undefined
from dejavu_tui.plots.chart import Chart, Dots, Panel, Point, Rods
from dejavu_tui.text import safe_text

SOURCE: Source = "classes"
EXTREMES = 7
"""Of more classes than twice that and one, only so many of the largest and of the smallest gaps are shown."""
_LONGEST = 20
_BETWEEN = "⋮"


def chart(classes: pl.DataFrame) -> Chart:
    """Return the Chart of rows of the table CLASSES: memorized to the right, misrepresented to the left, the gap.

    The gap is the difference of the two (METHOD 2.5). Classes stand by gap, the largest at the top.
    """
    both = classes.filter(direction="both")
    known = both.drop_nulls("gap").sort("gap", "label", descending=[False, True])
    shown, notes = known, undefined(both, "label_name", "gap")
    if known.height > 2 * EXTREMES + 1:
        gaps = known["gap"][EXTREMES:-EXTREMES]
        shown = pl.concat([known.head(EXTREMES), known.clear(1), known.tail(EXTREMES)])
        between = f"{_BETWEEN} {len(gaps):,} of {known.height:,} classes are not shown"
        notes = (
            f"{between}: gaps from {percent(gaps[0], 1)} to {percent(gaps[-1], 1)}; `dejavu classes` lists all",
            *notes,
        )
    names = [
        _BETWEEN if name is None else f"{safe_text(name, limit=_LONGEST)} ({n:,})"
        for name, n in shown.select("label_name", "n").iter_rows()
    ]
    memorized = tuple(shown["memorized"])
    misrepresented = tuple(None if share is None else -share for share in shown["misrepresented"])
    gap = tuple(Point(x, place) for place, x in enumerate(shown["gap"]) if x is not None)
    return Chart(
        "Gap by class",
        subtitle(both.with_columns(n=pl.lit(both["n"].sum()))),
        percent_axis(
            "share of the class's images",
            (*memorized, *misrepresented),
            parts=10,
        ),
        (
            Panel(
                category_axis("class (attacked images)", names),
                (
                    Rods("memorized", "memorized", memorized),
                    Rods("misrepresented", "misrepresented", misrepresented),
                    Dots("gap: their difference", "score", gap),
                ),
                weight=8,
            ),
        ),
        notes,
    )
