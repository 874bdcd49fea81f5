"""A Chart in a widget of any size, in the colours of the theme."""

from collections.abc import Iterator
from dataclasses import replace

from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from dejavu_tui.app.widgets.table import HIT_STYLE, KIND_STYLES
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.terminal import Look, Row, column_of, draw
from dejavu_tui.records import KINDS

STYLES: dict[Look, str] = {
    "title": "bold",
    "quiet": "$text-muted",
    "target": "bold $primary",
    "reference": "bold $warning",
    "score": "bold",
    "control": "#c678a8",
    "probe": HIT_STYLE,
    **{kind: KIND_STYLES[kind] for kind in KINDS},
}
"""Colour of each thing; signs, dashes and patterns tell them apart without it."""
_AT = "on $primary 35%"


class ChartView(Widget):
    """Shows a Chart; what there is no room for is left out: notes, then title, then panels from the last up.

    A place of the x axis can be set off: `at`.
    """

    class Clicked(Message):
        """A place of the x axis was clicked."""

        def __init__(self, at: float) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._chart: Chart | None = None
        self._at: float | None = None
        self._instead = Content("")
        self._drawn: tuple[Chart, Size, tuple[Row, ...]] | None = None

    def show(self, chart: Chart, *, at: float | None = None) -> None:
        """Show `chart`, the place `at` set off."""
        self._chart, self._at = chart, at
        self.refresh()

    def clear(self, why: Content) -> None:
        """Show why there is nothing to draw."""
        self._chart, self._instead = None, why
        self.refresh()

    def render(self) -> Content:
        """Return the lines of the chart."""
        width, height = self.size
        if self._chart is None:
            return self._instead
        if self._drawn is None or self._drawn[:2] != (self._chart, self.size):
            self._drawn = self._chart, self.size, fitted(self._chart, width=width, height=height)
        lines = [Content.assemble(*((span.text, _style(span.look)) for span in row)) for row in self._drawn[2]]
        if self._at is not None:
            column = column_of(self._chart, self._at, width=width)
            for place, row in enumerate(self._drawn[2]):
                if row[0].look != "title":
                    line = lines[place].pad_right(max(width - lines[place].cell_length, 0))
                    lines[place] = line.stylize(_AT, column, column + 1)
        return Content("\n").join(lines)

    def on_click(self, event: Click) -> None:
        """Say which place of the x axis was clicked."""
        at = event.get_content_offset(self)
        if at is None or self._chart is None:
            return
        chart, width = self._chart, self.size.width
        away = {tick.at: abs(column_of(chart, tick.at, width=width) - at.x) for tick in chart.x.ticks}
        self.post_message(self.Clicked(min(away, key=away.__getitem__)))


def fitted(chart: Chart, *, width: int, height: int) -> tuple[Row, ...]:
    """Return `chart` as at most `height` rows, with all of it that there is room for."""
    rows: tuple[Row, ...] = ()
    for smaller in _smaller(chart):
        rows = draw(smaller, width=width, height=height)
        if len(rows) <= height:
            return rows
    return rows[:height]


def _smaller(chart: Chart) -> Iterator[Chart]:
    yield chart
    yield replace(chart, notes=())
    bare = replace(chart, notes=(), title="", subtitle="")
    for panels in range(len(chart.panels), 0, -1):
        yield replace(bare, panels=chart.panels[:panels])


def _style(look: Look | None) -> str:
    return STYLES[look] if look else ""
