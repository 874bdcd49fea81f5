"""The field of the map: a cloud of images between two axes, a cursor, and a box drawn with keys or the mouse."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.events import Click, MouseDown, MouseMove
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dejavu_tui.app.plane.cloud import NOTHING, Cloud, cloud
from dejavu_tui.app.plane.frame import FOOT, MARGIN, below, diagonal, left_of
from dejavu_tui.app.plane.plane import Area, Corner, Plane, around
from dejavu_tui.app.plane.points import Points
from dejavu_tui.app.widgets.table import KIND_STYLES
from dejavu_tui.records import KINDS

_QUIET = Style(dim=True)
_CURSOR = Style(reverse=True, bold=True)
_EDGE = Style(bold=True)
_KINDS = tuple(Style.parse(KIND_STYLES[kind]) for kind in KINDS)


class Scatter(Widget):
    """Draws Points. Cursor and box are kept in nats: they stay where they are in a window of another size."""

    DEFAULT_CSS = "Scatter { width: 1fr; height: 1fr; }"
    can_focus = True

    @dataclass
    class Moved(Message):
        """The cursor or the box is elsewhere."""

    @dataclass
    class Laid(Message):
        """It is drawn for another size."""

    @dataclass
    class Entered(Message):
        """A place was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.points = Points(np.empty(0), np.empty(0), np.empty(0, np.int64), Area(-1, 0, -1, 0))
        self.area: Area | None = None
        """The box."""
        self._window: Area | None = None
        self.at: Corner = 0.0, -1.0
        """Where the cursor is: target and reference confidence."""
        self._anchor: Corner | None = None
        self._pressed = False
        self._lay()

    @property
    def nearest(self) -> int | None:
        """Place in the points of the image nearest to the cursor; None: there is none."""
        x, y = (int(dots) for dots in self._plane.dots(*map(np.array, self.at)))
        place = self._cloud.nearest((x, y))
        return place if place is None or self._seen is None else int(self._seen[place])

    @property
    def here(self) -> int:
        """How many images are in the cell of the cursor."""
        column, row = self._plane.cell(self.at)
        return int(self._cloud.number[row, column])

    @property
    def inside(self) -> int:
        """How many of the points are in the box; all of them if there is none."""
        if self.area is None:
            return len(self.points)
        return int(self._held(self.area).sum())

    def show(self, points: Points, *, at: int | None) -> None:
        """Draw `points`, the cursor on the one at place `at`; None: where it is."""
        self.points = points
        if at is not None:
            self.at = float(points.target[at]), float(points.reference[at])
            self._look_at(self.at)
        self._lay()

    def zoom(self) -> None:
        """Fill the field with the box, or, where there is none, with what there is."""
        if self.inside:
            held = np.ones(len(self.points), np.bool_) if self.area is None else self._held(self.area)
            self._window = around(self.points.target[held], self.points.reference[held])
            self._anchor = self.area = None
            self._lay()
            self._go(self._plane.middle(*self._plane.cell(self.at)))

    def whole(self) -> None:
        """Draw all of the plane."""
        self._window = None
        self._lay()
        self._go(self.at)

    def move(self, columns: int, rows: int) -> None:
        """Move the cursor by cells, at most to the edge; a box that was begun grows with it."""
        column, row = self._plane.cell(self.at)
        self._go(self._plane.middle(column + columns, row + rows))

    def go(self, place: int) -> None:
        """Move the cursor to the point at `place`."""
        at = float(self.points.target[place]), float(self.points.reference[place])
        if self._look_at(at):
            self._lay()
        self._go(at)

    def corner(self) -> None:
        """Begin a box at the cursor; again: let it be as it is now."""
        if self._anchor is None:
            self._anchor = self.at
            self._go(self.at)
        else:
            self._anchor = None

    def drop(self) -> None:
        """Take the box away."""
        self._anchor = self.area = None
        self._go(self.at)

    def on_resize(self) -> None:
        """Draw for another size."""
        self._lay()
        self.post_message(self.Laid())

    def on_mouse_down(self, event: MouseDown) -> None:
        """The cursor goes there; a box may begin."""
        self.capture_mouse()
        self._pressed = True
        self._anchor = self.area = None
        self._go(self._under(event.x, event.y))

    def on_click(self, event: Click) -> None:
        """Twice: as good as the key."""
        if event.chain > 1:
            self.post_message(self.Entered())

    def on_mouse_move(self, event: MouseMove) -> None:
        """While the button is held, the box grows."""
        there = self._under(event.x, event.y)
        if self._pressed and self._plane.cell(there) != self._plane.cell(self.at):
            self._anchor = self._anchor or self.at
            self._go(there)

    def on_mouse_up(self) -> None:
        """The box is as it is."""
        self.release_mouse()
        self._pressed = False
        self._anchor = None

    def render_line(self, y: int) -> Strip:
        """One line of the field, or of the axis below it."""
        if y < self._plane.rows:
            segments = [Segment(self._left[y], _QUIET), *self._row(y)]
        else:
            segments = [Segment(line, _QUIET) for line in self._below[y - self._plane.rows :][:1]]
        style = self.visual_style.rich_style
        return Strip(Segment.apply_style(segments, style)).adjust_cell_length(self.size.width, style)

    def _under(self, x: int, y: int) -> Corner:
        return self._plane.middle(x - MARGIN, y)

    def _go(self, at: Corner) -> None:
        self.at = at
        if self._anchor is not None:
            self.area = self._plane.area(self._anchor, at)
        self.refresh()
        self.post_message(self.Moved())

    def _held(self, area: Area) -> NDArray[np.bool_]:
        return area.holds(self.points.target, self.points.reference)

    def _look_at(self, at: Corner) -> bool:
        """Draw all of the plane if `at` would not be seen; tell whether it was so."""
        window = self._window
        if window is None or window.holds(np.array(at[0]), np.array(at[1])):
            return False
        self._window = None
        return True

    def _lay(self) -> None:
        """Work out what stands where at this size."""
        points = self.points
        size = max(self.size.width - MARGIN, 1), max(self.size.height - FOOT, 1)
        self._plane = plane = Plane(self._window or points.whole, *size)
        self._seen = None if self._window is None else np.flatnonzero(self._held(self._window))
        seen = points if self._seen is None else points.at(self._seen)
        self._cloud: Cloud = cloud(plane, *plane.dots(seen.target, seen.reference), seen.kind)
        self._left, self._below, self._diagonal = left_of(plane), below(plane), diagonal(plane)
        self.refresh()

    def _row(self, row: int) -> list[Segment]:
        """The cells of a row: the cloud, over it the edge of the box, over that the cursor."""
        texts = self._cloud.text[row].tolist()
        kinds = self._cloud.kind[row].tolist()
        styles = [_KINDS[kind] if kind != NOTHING else _QUIET for kind in kinds]
        middle = self._diagonal[row]
        if middle is not None and kinds[middle] == NOTHING:
            texts[middle] = "╱"
        box = self._plane.cells(self.area) if self.area is not None else None
        if box is not None and box[1] <= row <= box[3]:
            x0, y0, x1, y1 = box
            for column, text in enumerate(_edge(x1 - x0 + 1, top=row == y0, bottom=row == y1), start=x0):
                if text != " ":
                    texts[column], styles[column] = text, _EDGE
        column, at = self._plane.cell(self.at)
        if at == row:
            texts[column] = "┼" if kinds[column] == NOTHING else self._cloud.text[row, column]
            styles[column] += _CURSOR
        cells = groupby(zip(texts, styles, strict=True), lambda cell: cell[1])
        return [Segment("".join(text for text, _ in run), style) for style, run in cells]


def _edge(width: int, *, top: bool, bottom: bool) -> str:
    """Return the edge of a box in one row; blanks where its inside is."""
    if top and bottom:
        return "[" + "─" * (width - 2) + "]" if width > 1 else "□"
    if width == 1:
        return "┬" if top else "┴" if bottom else "│"
    if top or bottom:
        left, right = "┌┐" if top else "└┘"
        return left + "─" * (width - 2) + right
    return "│" + " " * (width - 2) + "│"
