"""What the figures over epochs and over train sizes share: the score, the probe gap, and two kinds."""

import polars as pl

from dejavu_tui.plots.axes import percent_axis, sweep_axis
from dejavu_tui.plots.captions import ends, interval, points, score_points, subtitle, undefined
from dejavu_tui.plots.chart import MARKED, Chart, Dots, Line, Mark, Panel

_MARGIN = 0.04
_BESIDE = 0.015
"""How far beside its place E stands, as a share of the axis, so that two marks do not cover each other."""


def sweep_chart(scores: pl.DataFrame, *, over: str, title: str, label: str) -> Chart:
    """Return the Chart of rows of the table SCORES at one p against their column `over`.

    Above the score of both directions, and of E if there are rows of it, with their intervals; in the middle the
    gap of the linear probe, if it was measured; below the shares memorized and misrepresented.
    """
    both, external = (scores.filter(direction=direction).sort(over) for direction in ("both", "E"))
    at = both[over].to_list()
    axis = sweep_axis(label, at, margin=_MARGIN)
    score = score_points(both, at)
    control = score_points(external, [axis.beside(place, _BESIDE) for place in external[over]])
    marks: list[Mark] = [Line(f"both directions{interval(score)}", "score", score)]
    if control:
        kind = Dots if len(control) <= MARKED else Line
        marks.append(kind(f"images neither encoder saw (E){interval(control)}", "control", control))
    panels = [
        Panel(
            percent_axis("déjà vu score", ends(score, control)),
            tuple(marks),
            weight=5,
        )
    ]
    notes = [*undefined(both, over, "dejavu_score"), *undefined(external, over, "dejavu_score")]
    if both["probe_gap"].count():
        gap = points(both, at, "probe_gap")
        name = "accuracy on its own training set − on held-out images"
        panels.append(Panel(percent_axis("linear probe gap", ends(gap)), (Line(name, "probe", gap),), weight=4))
        notes += undefined(both, over, "probe_gap")
    memorized, misrepresented = points(both, at, "memorized"), points(both, at, "misrepresented")
    panels.append(
        Panel(
            percent_axis("share of images", ends(memorized, misrepresented)),
            (Line("memorized", "memorized", memorized), Line("misrepresented", "misrepresented", misrepresented)),
            weight=4,
        )
    )
    return Chart(title, subtitle(both), axis, tuple(panels), tuple(dict.fromkeys(notes)))
