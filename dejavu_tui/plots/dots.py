"""The marks of a panel as dots of a braille canvas, told apart by dashes, signs and patterns."""

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.plots.canvas import Canvas, Pattern
from dejavu_tui.plots.chart import (
    MARKED,
    Areas,
    Axis,
    Bars,
    Dots,
    Line,
    Mark,
    Panel,
    Point,
    Rods,
    Share,
    Tone,
    bands,
    stretches,
)

_DASH: dict[Tone, int] = {"reference": 3, "misrepresented": 3, "control": 2, "probe": 1}
_SIGN: dict[Tone, str] = {
    "target": "●",
    "reference": "○",
    "score": "●",
    "control": "◇",
    "probe": "■",
    "memorized": "●",
    "misrepresented": "▲",
}
_PATTERN: dict[Tone, Pattern] = {
    "memorized": lambda _x, _y: True,
    "correlated": lambda x, y: (x + y) % 2 == 0,
    "misrepresented": lambda x, _y: x % 2 == 0,
    "unassociated": lambda x, y: x % 2 == 0 and y % 4 == 0,
}
_ROD = 0.7
"""Thickness of a rod as a share of what a category has."""


def _band(x: int, y: int) -> bool:
    return (x % 4, y % 4) in ((0, 0), (2, 2))


def draw_panel(canvas: Canvas, panel: Panel, x: Axis) -> None:
    """Draw the marks of `panel` over the whole `canvas`: filled fields first, signs last."""
    grid = _Grid(canvas, x, panel.y)
    grid.upright_zero()
    for mark in panel.marks:
        match mark:
            case Line(points=points, tone=tone):
                grid.band(points, tone)
            case Areas(x=places, shares=shares):
                grid.stack(shares, np.interp(grid.columns, [grid.across(at) for at in places], range(len(places))))
            case Bars(edges=edges, shares=shares):
                grid.stack(shares, grid.bins(edges))
            case Rods():
                grid.rods(mark)
    grid.level_zero()
    for mark in panel.marks:
        match mark:
            case Line():
                grid.line(mark)
            case Dots():
                grid.dots(mark)


def draw_key(canvas: Canvas, mark: Mark, tone: Tone) -> None:
    """Draw a sample of `mark` in `tone` over the whole `canvas`, one row high."""
    middle, last = canvas.height // 2, canvas.width - 1
    match mark:
        case Line(points=points):
            canvas.line((0, middle), (last, middle), tone=tone, dash=_DASH.get(tone, 0))
            if len(points) <= MARKED:
                canvas.sign(last // 2, middle, _SIGN[tone], tone=tone)
        case Dots():
            canvas.sign(last // 2, middle, _SIGN[tone], tone=tone)
        case _:
            for column in range(canvas.width):
                canvas.fill(column, 0, canvas.height - 1, tone=tone, pattern=_PATTERN[tone])


class _Grid:
    """Where values stand among the dots of a canvas."""

    def __init__(self, canvas: Canvas, x: Axis, y: Axis) -> None:
        self.canvas, self.x, self.y = canvas, x, y
        self.columns = np.arange(canvas.width)

    def across(self, value: float) -> int:
        return round(self.x.place(value) * (self.canvas.width - 1))

    def down(self, value: float) -> int:
        return round((1 - self.y.place(value)) * (self.canvas.height - 1))

    def edge(self, value: float) -> int:
        """Return the row of dots below which `value` begins."""
        return round((1 - self.y.place(value)) * self.canvas.height)

    def level_zero(self) -> None:
        """Mark zero of the y axis by a dotted line, where it lies inside."""
        if self.y.scale == "linear" and self.y.low < 0 < self.y.high:
            for column in range(0, self.canvas.width, 4):
                self.canvas.dot(column, self.down(0), tone=None)

    def upright_zero(self) -> None:
        """Mark zero of the x axis by a line, where it lies inside."""
        if self.x.scale == "linear" and self.x.low < 0 < self.x.high:
            self.canvas.line((self.across(0), 0), (self.across(0), self.canvas.height - 1), tone=None)

    def band(self, points: tuple[Point, ...], tone: Tone) -> None:
        for stretch in bands(points):
            if len(stretch) == 1:
                self.whiskers(stretch, tone)
                continue
            xs = [self.across(x) for x, _, _ in stretch]
            lows = np.interp(self.columns, xs, [self.down(low) for _, low, _ in stretch])
            highs = np.interp(self.columns, xs, [self.down(high) for _, _, high in stretch])
            for column in range(xs[0], xs[-1] + 1):
                self.canvas.fill(column, round(highs[column]), round(lows[column]), tone=tone, pattern=_band)

    def whiskers(self, intervals: list[tuple[float, float, float]], tone: Tone) -> None:
        for x, low, high in intervals:
            self.canvas.line((self.across(x), self.down(low)), (self.across(x), self.down(high)), tone=tone)

    def bins(self, edges: tuple[float, ...]) -> NDArray[np.float64]:
        """Return which bin each column of dots shows."""
        places = np.array([self.x.place(edge) for edge in edges]) * (self.canvas.width - 1)
        return np.clip(np.searchsorted(places, self.columns, side="right") - 1, 0, len(edges) - 2).astype(float)

    def stack(self, shares: tuple[Share, ...], at: NDArray[np.float64]) -> None:
        """Fill the shares over each column, each with an edge at its top.

        `at` is where a column stands between the shares' places.
        """
        below = np.zeros(len(self.columns))
        for share in shares:
            above = below + np.interp(at, range(len(share.heights)), share.heights)
            for column in self.columns:
                top, bottom = self.edge(above[column]), self.edge(below[column]) - 1
                self.canvas.fill(int(column), top, bottom, tone=share.tone, pattern=_PATTERN[share.tone])
                self.canvas.fill(int(column), top, min(top, bottom), tone=share.tone, pattern=_PATTERN["memorized"])
            below = above

    def rods(self, rods: Rods) -> None:
        thick = max(1, int(_ROD * self.canvas.height / len(rods.ends)))
        start = self.across(0)
        for place, end in enumerate(rods.ends):
            if end:
                middle = self.canvas.height * (1 - self.y.place(place))
                top = int(middle - thick / 2)
                across = self.across(end)
                for column in range(start, across + 1) if end > 0 else range(across, start):
                    self.canvas.fill(column, top, top + thick - 1, tone=rods.tone, pattern=_PATTERN[rods.tone])

    def line(self, line: Line) -> None:
        for stretch in stretches(line.points):
            dots = [(self.across(x), self.down(y)) for x, y in stretch]
            phase = 0
            for start, end in zip(dots, dots[1:] or dots, strict=False):
                phase = self.canvas.line(start, end, tone=line.tone, dash=_DASH.get(line.tone, 0), phase=phase)
            if len(line.points) <= MARKED:
                for x, y in dots:
                    self.canvas.sign(x, y, _SIGN[line.tone], tone=line.tone)

    def dots(self, dots: Dots) -> None:
        for stretch in bands(dots.points):
            self.whiskers(stretch, dots.tone)
        for x, y in (piece for stretch in stretches(dots.points) for piece in stretch):
            self.canvas.sign(self.across(x), self.down(y), _SIGN[dots.tone], tone=dots.tone)
