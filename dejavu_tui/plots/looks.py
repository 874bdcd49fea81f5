"""How each tone looks in a picture: told apart by colour, and in grey by dashes, signs and hatches."""

from typing import Any

from dejavu_tui.plots.chart import Tone

INK = "#333333"
COLOURS: dict[Tone, str] = {
    "target": "#0072b2",
    "reference": "#d55e00",
    "score": INK,
    "control": "#cc79a7",
    "probe": "#009e73",
    "memorized": "#0072b2",
    "correlated": "#56b4e9",
    "misrepresented": "#d55e00",
    "unassociated": "#e8e8e8",
}
"""Of Okabe and Ito; told apart in grey by dashes, signs and hatches."""
_DASHES: dict[Tone, str] = {"reference": "--", "control": ":", "misrepresented": "--", "probe": "-."}
_SIGNS: dict[Tone, str] = {"reference": "o", "control": "D", "probe": "s", "misrepresented": "^"}
_HATCHES: dict[Tone, str] = {"correlated": "////", "misrepresented": "...."}
_HOLLOW: frozenset[Tone] = frozenset({"reference", "control"})


def stroke(tone: Tone) -> dict[str, Any]:
    """Return how a line of `tone` runs, in the words of matplotlib."""
    return {"color": COLOURS[tone], "linewidth": 2, "linestyle": _DASHES.get(tone, "-")}


def sign(tone: Tone, *, shown: bool) -> dict[str, Any]:
    """Return how the points of `tone` look, if each is `shown`."""
    return {
        "marker": _SIGNS.get(tone, "o") if shown else "none",
        "markersize": 6,
        "markeredgecolor": COLOURS[tone] if tone in _HOLLOW else "white",
        "markeredgewidth": 1.0 if tone in _HOLLOW else 0.7,
        "markerfacecolor": "white" if tone in _HOLLOW else COLOURS[tone],
    }


def fill(tone: Tone) -> dict[str, Any]:
    """Return how a field of `tone` is filled."""
    return {
        "facecolor": COLOURS[tone],
        "edgecolor": "white",
        "linewidth": 0.5,
        "hatch": _HATCHES.get(tone),
    }
