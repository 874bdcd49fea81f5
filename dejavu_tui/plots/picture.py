"""A Chart as PNG, SVG or PDF: drawn off screen, from no settings but these, the same chart the same bytes."""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from dejavu_tui.plots.chart import (
    MARKED,
    Areas,
    Axis,
    Bars,
    Chart,
    Dots,
    Line,
    Mark,
    Panel,
    Rods,
    Share,
    Tick,
    Tone,
    bands,
    stretches,
)
from dejavu_tui.plots.looks import COLOURS, INK, fill, sign, stroke

_FONT = "DejaVu Sans"
_SETTINGS: dict[Any, Any] = {
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "font.family": _FONT,
    "font.size": 10,
    "legend.fontsize": 9,
    "legend.handlelength": 2.2,
    "legend.columnspacing": 1.4,
    "hatch.linewidth": 0.6,
    "pdf.fonttype": 42,
    "svg.hashsalt": "dejavu",
    "text.parse_math": False,
}
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": "dejavu"},
    "svg": {"Creator": "dejavu", "Date": None},
    "pdf": {"Creator": "dejavu", "Producer": "matplotlib", "CreationDate": None},
}
_WIDTH, _UNIT, _ROW = 6.4, 0.42, 0.24
"""Inches: of a figure, of a panel for each of its weight, of a category."""
_LEAST_HEIGHT = 1.9
"""Inches that a label beside a panel takes."""
_LETTERS = 80
"""Letters that fit into a line above a figure, and a little more into a legend's."""
_KEY_LETTERS = 8
"""What the sample beside a name in a legend takes."""
_USUAL_LABEL = 6
"""Letters of a label on the y axis; what is longer takes space from the legend."""
_WIDEST = 2
"""The width of a W in letters."""
_X_LETTERS, _Y_LETTERS = 75.0, 12.0
"""The x axis in letters, and a panel in lines: labels nearer than that would touch."""
_WHISKER = 1.2
_GRID = "#dddddd"


def render(chart: Chart, *, format: str) -> bytes:  # noqa: A002  it is matplotlib's word
    """Return `chart` as `format`, one of `plots.FORMATS`, without date or machine in it."""
    buffer = io.BytesIO()
    with _settings():
        figure = _figure(chart)
        metadata = _METADATA[format] | {"Title": f"{chart.title}. {chart.subtitle}"}
        figure.savefig(buffer, format=format, metadata=metadata)
    return buffer.getvalue()


@contextmanager
def _settings() -> Iterator[None]:
    """Draw with matplotlib's own defaults and `_SETTINGS`, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def _figure(chart: Chart) -> Figure:
    head = chart.subtitle_lines(_LETTERS)
    foot = [line for note in chart.notes for line in wrap(_shown(note), _LETTERS)]
    heights = [_height(panel) for panel in chart.panels]
    tall = sum(heights) + 0.5 * len(heights) + 0.2 * (len(head) + len(foot)) + 0.7
    figure = Figure(figsize=(_WIDTH, tall), layout="constrained")
    FigureCanvasAgg(figure)
    fields = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    above: Panel | None = None
    for axes, panel in zip(fields, chart.panels, strict=True):
        _draw(axes, panel, chart.x)
        if above is None or [name for name, _, _ in above.legend] != [name for name, _, _ in panel.legend]:
            _explain(axes, panel)
        above = panel
    _x_axis(fields[-1], chart.x.shortened(_X_LETTERS))
    figure.align_ylabels()
    figure.suptitle(_shown("\n".join([chart.title, *head])), x=0.01, ha="left", fontsize="medium")
    if foot:
        figure.supxlabel("\n".join(foot), x=0.01, ha="left", fontsize="small", color=INK)
    return figure


def _height(panel: Panel) -> float:
    if panel.y.scale == "categories":
        return max(_LEAST_HEIGHT, _ROW * len(panel.y.ticks))
    return _UNIT * panel.weight


def _draw(axes: Axes, panel: Panel, x: Axis) -> None:
    y = panel.y
    axes.set_xscale("log" if x.scale == "log" else "linear")
    axes.grid(color=_GRID, linewidth=0.6, axis="x" if y.scale == "categories" else "both")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylim(y.low, y.high)
    ticks = y.ticks if y.scale == "categories" else y.fitting(_Y_LETTERS, size=lambda _: 1.0)
    axes.set_yticks([tick.at for tick in ticks], [_shown(tick.text) for tick in ticks])
    axes.set_ylabel(_shown(y.label))
    if y.scale == "linear" and y.low < 0 < y.high:
        axes.axhline(0, color=INK, linewidth=0.8)
    for mark in panel.marks:
        _mark(axes, mark)
    if x.scale == "linear" and x.low < 0 < x.high:
        axes.axvline(0, color=INK, linewidth=0.8)


def _x_axis(axes: Axes, x: Axis) -> None:
    axes.set_xlim(x.low, x.high)
    ticks: Sequence[Tick] = x.fitting(_X_LETTERS, size=lambda tick: len(tick.text) + 2.0)
    axes.set_xticks([tick.at for tick in ticks], [_shown(tick.text) for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(_shown(x.label))


def _mark(axes: Axes, mark: Mark) -> None:
    match mark:
        case Line(tone=tone, points=points):
            for band in bands(points):
                xs, lows, highs = zip(*band, strict=True)
                if len(band) > 1:
                    axes.fill_between(xs, lows, highs, color=COLOURS[tone], alpha=0.2, linewidth=0)
                else:
                    axes.vlines(xs, lows, highs, color=COLOURS[tone], linewidth=_WHISKER)
            for stretch in stretches(points):
                xs, ys = zip(*stretch, strict=True)
                axes.plot(xs, ys, **stroke(tone), **sign(tone, shown=len(points) <= MARKED))
        case Dots(tone=tone, points=points):
            for whiskers in bands(points):
                xs, lows, highs = zip(*whiskers, strict=True)
                axes.vlines(xs, lows, highs, color=COLOURS[tone], linewidth=_WHISKER)
            for piece in stretches(points):
                xs, ys = zip(*piece, strict=True)
                axes.plot(xs, ys, linestyle="none", **sign(tone, shown=True))
        case Areas(x=xs, shares=shares):
            below = [0.0] * len(xs)
            for share in shares:
                above = [low + height for low, height in zip(below, share.heights, strict=True)]
                axes.fill_between(xs, below, above, **fill(share.tone))
                below = above
        case Bars(edges=edges, shares=shares):
            below = [0.0] * (len(edges) - 1)
            widths = [high - low for low, high in pairwise(edges)]
            for share in shares:
                axes.bar(edges[:-1], share.heights, widths, below, align="edge", **fill(share.tone))
                below = [low + height for low, height in zip(below, share.heights, strict=True)]
        case Rods(tone=tone, ends=ends):
            known = [(place, end) for place, end in enumerate(ends) if end is not None]
            axes.barh([place for place, _ in known], [end for _, end in known], 0.7, **fill(tone))


def _explain(axes: Axes, panel: Panel) -> None:
    """Put the legend above the panel, where it covers nothing."""
    handles = [_key(mark, tone) for _, mark, tone in panel.legend]
    names = [name for name, _, _ in panel.legend]
    beside = max(len(tick.text) for tick in panel.y.ticks)
    room = _LETTERS - _WIDEST * max(0, beside - _USUAL_LABEL)
    axes.legend(
        handles,
        names,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=_columns(names, room),
        frameon=False,
        borderaxespad=0.2,
    )


def _columns(names: Sequence[str], room: int) -> int:
    """Return the most columns, filled one after the other, that fit into `room` letters; one at the least."""
    for count in range(len(names), 1, -1):
        down = math.ceil(len(names) / count)
        columns = [names[start : start + down] for start in range(0, len(names), down)]
        if sum(max(map(len, column)) + _KEY_LETTERS for column in columns) <= room:
            return count
    return 1


def _key(mark: Mark | Share, tone: Tone) -> Artist | tuple[Artist, ...]:
    match mark:
        case Line(points=points):
            line = Line2D([], [], **stroke(tone), **sign(tone, shown=len(points) <= MARKED))
            return (Patch(color=COLOURS[tone], alpha=0.2, linewidth=0), line) if bands(points) else line
        case Dots():
            return Line2D([], [], linestyle="none", **sign(tone, shown=True))
        case _:
            return Patch(**fill(tone))


def _shown(text: str) -> str:
    """Return `text` with what the font cannot draw written as its number, since a row of boxes tells nothing."""
    font = get_font(findfont(_FONT))
    return "".join(ch if ch == "\n" or font.get_char_index(ord(ch)) else f"\\u{ord(ch):04x}" for ch in text)
