"""A strip of points beside each other: at each what both encoders answer, below it their confidences as a plot."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from math import log
from typing import Any

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.widgets import Static

from dejavu_tui.app.course import ROLES, Course, Role, Station
from dejavu_tui.app.words.names import short
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.plots.canvas import ACROSS, DOWN, Canvas
from dejavu_tui.text import safe_text

_LEAST, _MOST = 12, 40
"""Cells of a point."""
_WIDE, _NARROW = 12, 8
"""Cells of the names of the rows, and where there is little room."""
_TALLEST = 40
"""Rows of the plot."""
_BESIDE = 26
"""Cells that guess and confidence take beside each other; farther apart they are not read together."""
_ONE_LINE = 20
"""Cells from which on guess and confidence stand in one line."""
_SHORT = {"correlated": "correl.", "misrepresented": "misrepres.", "unassociated": "unassoc."}
_STYLES = {"target": "bold $text-primary", "reference": "$text-warning"}
_SIGNS = {"target": "●", "reference": "○"}
_BOTH = "◉"
_DASH = 3
_HERE = "on $primary 30%"


class PointStrip(Static):
    """Shows a Course, one station a column; those around the cursor where there is no room for all."""

    @dataclass
    class Chosen(Message):
        """The station at `place` was clicked, or the wheel was turned there."""

        place: int

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._course: Course | None = None
        self._cursor = 0
        self._first = 0

    def show(self, course: Course | None, *, cursor: int) -> None:
        """Show `course`, the cursor on the station at that place; None: nothing."""
        self._course, self._cursor = course, cursor
        self._write()

    def on_resize(self) -> None:
        """Make columns and plot anew for another size."""
        self._write()

    def on_click(self, event: Click) -> None:
        """Go to the station that was clicked."""
        if self._course is None or event.x < self._head:
            return
        place = self._first + (event.x - self._head) // self._width
        if place < min(self._first + self._seen, len(self._course.stations)):
            self.post_message(self.Chosen(place))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The next station."""
        event.stop()
        self._turn(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The station before."""
        event.stop()
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self._course is not None and 0 <= self._cursor + by < len(self._course.stations):
            self.post_message(self.Chosen(self._cursor + by))

    @property
    def _head(self) -> int:
        """Cells of the names of the rows."""
        return _WIDE if self.size.width >= 60 else _NARROW

    @property
    def _seen(self) -> int:
        """How many stations there is room for."""
        return max(1, (self.size.width - self._head) // _LEAST)

    @property
    def _width(self) -> int:
        """Cells of a station."""
        number = len(self._course.stations) if self._course else 1
        return min((self.size.width - self._head) // min(number, self._seen), _MOST)

    def _write(self) -> None:
        if self._course is None or not self._course.stations or self._width < 1:
            self.update("", layout=False)
            return
        last = max(len(self._course.stations) - self._seen, 0)
        self._first = min(max(self._first, self._cursor - self._seen + 1, 0), self._cursor, last)
        rows = self._words()
        room = self.size.height - len(rows)
        if room >= DOWN // 2:
            rows += self._plot(min(room, _TALLEST))
        self.update(Content("\n").join(rows[: self.size.height]), layout=False)

    @property
    def _stations(self) -> tuple[Station, ...]:
        """Those in sight."""
        return self._course.stations[self._first : self._first + self._seen] if self._course else ()

    def _words(self) -> list[Content]:
        assert self._course is not None  # noqa: S101  nothing is written without one
        over, width = self._course.over, self._width
        rows = [self._row(over.removesuffix("s"), [_name(one, self._course, width - 2) for one in self._stations])]
        rows[0] = self._more(rows[0])
        rows.append(self._row("kind", [_kind(one, width - 2) for one in self._stations]))
        for role in ROLES:
            guesses = [_guess(one, role, width - 2) for one in self._stations]
            numbers = [_number(one, role) for one in self._stations]
            if width >= _ONE_LINE:
                cells = [
                    _apart(guess, number, min(width - 2, _BESIDE))
                    for guess, number in zip(guesses, numbers, strict=True)
                ]
                rows.append(self._row(role, cells))
            else:
                rows += [self._row(role, guesses), self._row("", numbers)]
        return rows

    def _row(self, name: str, cells: list[Content]) -> Content:
        """Return a line: the name of the row, then a cell for each station in sight."""
        words = {"reference": "refer."}.get(name, name) if self._head == _NARROW else name
        sign = f"{_SIGNS[name]} " if name in _SIGNS and self._head == _WIDE else ""
        head = Content.styled(f"{sign}{words}".ljust(self._head), _STYLES.get(name, "$text-muted"))
        return head + Content("").join(
            self._here(place, Content(" ") + cell.truncate(self._width - 1, pad=True))
            for place, cell in enumerate(cells, start=self._first)
        )

    def _here(self, place: int, cell: Content) -> Content:
        return cell.stylize(_HERE) if place == self._cursor else cell

    def _more(self, row: Content) -> Content:
        """Return the first row with a sign at either end where stations are out of sight."""
        assert self._course is not None  # noqa: S101  as above
        before, end = self._first, len(self._course.stations) - self._first - self._seen
        left = f"‹{before} " if before > 0 else ""
        if left:
            row = row[: self._head - len(left)] + Content.styled(left, "bold") + row[self._head :]
        right = f" {end}›"
        used = self._head + self._width * len(self._stations)
        return row[: used - len(right)] + Content.styled(right, "bold") if end > 0 else row

    def _plot(self, rows: int) -> list[Content]:
        """Return both confidences from 0 (above) to that of k classes with a vote each (below)."""
        assert self._course is not None  # noqa: S101  as above
        stations, width = self._stations, self._width
        canvas = Canvas(width * len(stations), rows)
        deepest = log(max(self._course.found.k, 2))

        def dot(place: int, row: Any, role: Role) -> tuple[int, int]:
            depth = min(max(-row[f"{role}_confidence"] / deepest, 0.0), 1.0)
            return (place * width + width // 2) * ACROSS, round(depth * (rows * DOWN - 1))

        for role in reversed(ROLES):
            told = [(place, one.row) for place, one in enumerate(stations)]
            # Runs do not follow each other as snapshots and layers do: nothing joins them.
            for (left, former), (right, row) in pairwise(told if self._course.over != "runs" else ()):
                if former is not None and row is not None:
                    dash = _DASH if role == "reference" else 0
                    canvas.line(dot(left, former, role), dot(right, row, role), tone=role, dash=dash)
            for place, row in told:
                if row is not None:
                    canvas.sign(*dot(place, row, role), _SIGNS[role], tone=role)
        for place, one in enumerate(stations):
            if one.row is not None:
                where = dot(place, one.row, "target"), dot(place, one.row, "reference")
                if where[0][1] // DOWN == where[1][1] // DOWN:
                    canvas.sign(*where[0], _BOTH, tone="target")
        ends = {0: "conf. 0" if self._head > _NARROW else "0", rows - 1: f"-{deepest:.1f}"}
        return [self._drawn(canvas, row, ends.get(row, "")) for row in range(rows)]

    def _drawn(self, canvas: Canvas, row: int, end: str) -> Content:
        cells = canvas.cells(row)
        line = Content.styled(f"{end.rjust(self._head - 2)} │", "$text-muted")
        for place in range(len(self._stations)):
            part = cells[place * self._width : (place + 1) * self._width]
            pieces = [
                Content.styled("".join(text for text, _ in run), _STYLES.get(tone or "", ""))
                for tone, run in groupby(part, key=lambda cell: cell[1])
            ]
            line += self._here(self._first + place, Content("").join(pieces))
        return line


def _name(station: Station, course: Course, width: int) -> Content:
    name = short(station.name(course.over), max(width, 1))
    epoch = f"  {station.point.epoch}" if course.over == "runs" else ""
    return Content.assemble((name, "bold"), (epoch if cell_len(name + epoch) <= width else "", "$text-muted"))


def _kind(station: Station, width: int) -> Content:
    kind = station.kind
    if kind is None:
        return Content.styled("not stored", "italic $text-muted")
    word = kind if len(kind) + 2 <= width else _SHORT.get(kind, kind)
    shown = f"{KIND_SIGNS[kind]} {word}" if len(word) + 2 <= width else word
    return Content.styled(shown, "bold $text-warning" if kind == "memorized" else "")


def _guess(station: Station, role: Role, width: int) -> Content:
    if station.row is None:
        why = station.absent.why if station.absent and role == "target" else ""
        return Content.styled(safe_text(why, limit=max(width, 1)), "italic $text-muted")
    sign, style = ("✓", "bold $text-success") if station.row[f"{role}_hit"] else ("✗", "$text-error")
    name = safe_text(station.row[f"{role}_guess_name"], limit=max(width - 2, 1))
    return Content.styled(f"{sign} {name}", style)


def _number(station: Station, role: Role) -> Content:
    if station.row is None:
        return Content("")
    return Content(f"{station.row[f'{role}_confidence'] + 0.0:>6.3f}")


def _apart(left: Content, right: Content, width: int) -> Content:
    """Return both in one line of `width` cells, as far apart as can be."""
    room = width - right.cell_length - 1
    return left.truncate(max(room, 1), ellipsis=True, pad=True) + Content(" ") + right
