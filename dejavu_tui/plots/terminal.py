"""A Chart as lines of text for a terminal: curves in braille, readable without colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Literal, TypeAlias

from rich.cells import cell_len, set_cell_size

from dejavu_tui.plots.canvas import DOWN, Canvas
from dejavu_tui.plots.chart import Axis, Chart, Mark, Panel, Tick, Tone
from dejavu_tui.plots.dots import draw_key, draw_panel

WIDTH, HEIGHT = 80, 24
"""Cells of a terminal that does not say how large it is."""
LEAST_WIDTH = 40
_LEAST_ROWS, _MOST_ROWS = 3, 3
"""Of a panel, and of one category."""
_LONGEST_LABEL = 26
_KEY = 4
"""Cells of the sample beside a name in a legend."""

Look: TypeAlias = Tone | Literal["title", "quiet"]


@dataclass(frozen=True)
class Span:
    """A piece of a line; `look` None is plain text."""

    text: str
    look: Look | None = None


Row: TypeAlias = tuple[Span, ...]

_CODES: dict[Look, str] = {
    "title": "1",
    "quiet": "2",
    "target": "38;5;32",
    "reference": "38;5;166",
    "score": "1",
    "control": "38;5;175",
    "probe": "38;5;36",
    "memorized": "38;5;32",
    "correlated": "38;5;74",
    "misrepresented": "38;5;166",
    "unassociated": "2",
}
"""Colours of Okabe and Ito as the 256 colours come near them; what is neither stays in the terminal's own."""


def draw(chart: Chart, *, width: int = WIDTH, height: int = HEIGHT) -> tuple[Row, ...]:
    """Return `chart` as at most `height` rows of `width` cells; a smaller space than it needs is exceeded."""
    width = max(width, LEAST_WIDTH)
    margin = _margin(chart)
    columns = width - margin - 1
    legends = [
        _legend(panel, above, width) for above, panel in zip((None, *chart.panels), chart.panels, strict=False)
    ]
    head = [
        *_paragraph(chart.title, width, "title"),
        *((Span(line, "quiet"),) for line in chart.subtitle_lines(width)),
    ]
    foot = [row for note in chart.notes for row in _paragraph(note, width, "quiet")]
    axis = _x_axis(chart.x.shortened(columns), margin, columns)
    room = height - len(head) - len(foot) - len(axis) - sum(map(len, legends))
    rows = list(head)
    for panel, legend, share in zip(chart.panels, legends, _shares(chart.panels, room), strict=True):
        rows += [*legend, *_panel(panel, chart.x, margin, columns, share)]
    return tuple(_cropped(row, width) for row in [*rows, *axis, *foot])


def column_of(chart: Chart, at: float, *, width: int = WIDTH) -> int:
    """Return the cell, from the left, in which `draw` puts the place `at` of the x axis."""
    margin = _margin(chart)
    return margin + 1 + round(chart.x.place(at) * (max(width, LEAST_WIDTH) - margin - 2))


def plain(rows: Iterable[Row]) -> str:
    """Return `rows` as text without any code, one line each."""
    return "".join("".join(span.text for span in row).rstrip() + "\n" for row in rows)


def coloured(rows: Iterable[Row]) -> str:
    """Return `rows` as text with the codes of a terminal of 256 colours."""
    return "".join("".join(_code(span) for span in row) + "\n" for row in rows)


def _code(span: Span) -> str:
    return f"\x1b[{_CODES[span.look]}m{span.text}\x1b[0m" if span.look else span.text


def _cropped(row: Row, width: int) -> Row:
    """Return what of `row` fits into `width` cells."""
    spans, left = [], width
    for span in row:
        text = set_cell_size(span.text, min(cell_len(span.text), left))
        spans.append(Span(text, span.look))
        left -= cell_len(text)
    return tuple(spans)


def _paragraph(text: str, width: int, look: Look) -> list[Row]:
    return [(Span(line, look),) for line in wrap(text, width)]


def _shares(panels: Sequence[Panel], room: int) -> list[int]:
    """Return how many rows each panel gets; one of categories a whole number of rows for each."""
    weights = sum(panel.weight for panel in panels)
    shares, left = [], room
    for panel in panels:
        share = max(_LEAST_ROWS, left * panel.weight // weights)
        weights -= panel.weight
        if panel.y.scale == "categories":
            share = min(max(1, share // len(panel.y.ticks)), _MOST_ROWS) * len(panel.y.ticks)
        shares.append(share)
        left -= share
    return shares


def _legend(panel: Panel, above: Panel | None, width: int) -> list[Row]:
    """Return what the y axis measures and a sample of each mark; a legend that stands above is not repeated."""
    rows: list[list[Span]] = [[Span(panel.y.label, "title")]]
    names = [] if above is not None and _names(above) == _names(panel) else panel.legend
    for name, mark, tone in names:
        entry = [Span("   "), *_sample(mark, tone), Span(f" {name}")]
        if _width([*rows[-1], *entry]) > width:
            rows.append([])
        rows[-1] += entry
    return [tuple(row) for row in rows]


def _names(panel: Panel) -> list[str]:
    return [name for name, _, _ in panel.legend]


def _sample(mark: Mark, tone: Tone) -> list[Span]:
    canvas = Canvas(_KEY, 1)
    draw_key(canvas, mark, tone)
    return _spans(canvas, 0)


def _panel(panel: Panel, x: Axis, margin: int, columns: int, rows: int) -> list[Row]:
    canvas = Canvas(columns, rows)
    draw_panel(canvas, panel, x)
    apart = 1.0 if panel.y.scale == "categories" else 2.0
    labels = {
        _row(panel.y, tick, rows): set_cell_size(tick.text, min(cell_len(tick.text), _LONGEST_LABEL))
        for tick in panel.y.fitting(rows, size=lambda _: apart)
    }
    drawn = []
    for row in range(rows):
        label = labels.get(row)
        edge = " " * margin + "│" if label is None else f"{' ' * (margin - 1 - cell_len(label))}{label} ┤"
        drawn.append((Span(edge, "quiet"), *_spans(canvas, row)))
    return drawn


def _row(axis: Axis, tick: Tick, rows: int) -> int:
    return round((1 - axis.place(tick.at)) * (rows * DOWN - 1)) // DOWN


def _x_axis(axis: Axis, margin: int, columns: int) -> list[Row]:
    line, labels = ["─"] * columns, [" "] * (margin + 1 + columns + 1)
    for tick in axis.fitting(columns - 1, size=lambda tick: cell_len(tick.text) + 1):
        column = round(axis.place(tick.at) * (columns - 1))
        line[column] = "┬"
        start = min(margin + 1 + column - (len(tick.text) - 1) // 2, margin + 1 + columns - len(tick.text))
        labels[start : start + len(tick.text)] = tick.text
    return [
        (Span(" " * margin + "└" + "".join(line), "quiet"),),
        (Span("".join(labels).rstrip(), "quiet"),),
        *((Span(" " * (margin + 1)), *line) for line in _paragraph(axis.label, columns, "title")),
    ]


def _margin(chart: Chart) -> int:
    return max(_label_width(panel.y) for panel in chart.panels)


def _label_width(axis: Axis) -> int:
    return min(max((cell_len(tick.text) for tick in axis.ticks), default=0), _LONGEST_LABEL) + 1


def _width(spans: Iterable[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def _spans(canvas: Canvas, row: int) -> list[Span]:
    return [
        Span("".join(text for text, _ in group), tone)
        for tone, group in groupby(canvas.cells(row), lambda cell: cell[1])
    ]
