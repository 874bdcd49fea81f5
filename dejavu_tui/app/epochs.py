"""The chart of one run over its epochs: scores, and below them the linear probe and two kinds."""

from collections.abc import Sequence

import polars as pl

from dejavu_tui.plots.axes import percent_axis, sweep_axis
from dejavu_tui.plots.captions import ends, points, score_points
from dejavu_tui.plots.chart import Chart, Line, Mark, Panel, Point

_MARGIN = 0.04


def epoch_chart(scores: pl.DataFrame, epochs: Sequence[int], *, percent: int) -> Chart:
    """Return the Chart of the rows of one run in the table SCORES at top `percent`% against `epochs`, rising.

    Epochs that are not scored have a place on the axis and are gaps.
    """
    asked = pl.DataFrame({"epoch": list(epochs)}, schema={"epoch": pl.Int64})
    chosen = scores.filter(top_percent=percent)
    both, control = (
        asked.join(chosen.filter(direction=direction), on="epoch", how="left", maintain_order="left")
        for direction in ("both", "E")
    )
    score, chance = score_points(both, epochs), score_points(control, epochs)
    marks: list[Mark] = [Line("A and B", "score", score)]
    if control["dejavu_score"].count():
        marks.append(Line("E", "control", _bare(chance)))
    panels = [Panel(percent_axis(f"score at {percent}%", ends(score, _bare(chance))), tuple(marks), weight=5)]
    memorized, misrepresented = points(both, epochs, "memorized"), points(both, epochs, "misrepresented")
    kinds = (Line("memorized", "memorized", memorized), Line("misrepresented", "misrepresented", misrepresented))
    panels.append(Panel(percent_axis("share of images", ends(memorized, misrepresented)), kinds, weight=4))
    if both["probe_gap"].count():
        gap = points(both, epochs, "probe_gap")
        panels.append(Panel(percent_axis("linear probe gap", ends(gap)), (Line("train − held out", "probe", gap),)))
    return Chart("", "", sweep_axis("epoch", epochs, margin=_MARGIN), tuple(panels))


def _bare(values: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points without their intervals."""
    return tuple(Point(point.x, point.y) for point in values)
