"""A table of few rows, up to some thousands: a heading, a cursor, and columns that fit whatever width there is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

Row = TypeVar("Row")
_GAP = 2
"""Cells between two columns."""
_MARK = 2
"""Cells at the left for the mark of the cursor; one at the right stays free."""
_LEAST = 6
"""Cells of a column of width 0, at the least."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a Ledger.

    `headings`: the longest first, of which the first that fits is shown. `width` in cells; 0: an even share of what
    the others leave, but no more than `most`. `cell` gives what stands in a row, for the width that there is.
    `room`: cells that the ledger must have for this column to be there.
    """

    name: str
    headings: tuple[str, ...]
    width: int
    cell: Callable[[Row, int], Content]
    room: int = 0
    right: bool = False
    most: int = 999


class Ledger(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows under a heading; the cursor is told by a mark too, not by colour alone."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"ledger--heading", "ledger--cursor", "ledger--waiting"}
    DEFAULT_CSS = """
    Ledger {
        height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; text-wrap: nowrap;
        background: $background;
        & > .ledger--heading { background: $surface; color: $text-muted; text-style: bold; }
        & > .ledger--cursor { background: $primary 45%; text-style: bold; }
        & > .ledger--waiting { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="down", tooltip="The next row"),
        Binding("up,k", "move(-1)", "Up", show=False, id="up", tooltip="The row before"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="rows_down", tooltip="A page on"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="rows_up", tooltip="A page back"),
        Binding(
            "home,less_than_sign",
            "end(-1)",
            "First",
            show=False,
            id="first",
            key_display="<",
            tooltip="The first row",
        ),
        Binding(
            "end,greater_than_sign",
            "end(1)",
            "Last",
            show=False,
            id="last",
            key_display=">",
            tooltip="The last row",
        ),
    ]

    @dataclass
    class Moved(Message):
        """The user put the cursor on another row."""

        ledger: "Ledger[object]"
        row: int

    @dataclass
    class Opened(Message):
        """A row was clicked twice."""

        ledger: "Ledger[object]"
        row: int

    @dataclass
    class Sorted(Message):
        """The heading of a column was clicked."""

        ledger: "Ledger[object]"
        name: str

    def __init__(self, columns: Sequence[Column[Row]], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = columns
        self._rows: Sequence[Row] = ()
        self._sort: tuple[str, bool] | None = None
        self.cursor = 0

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def show(self, rows: Sequence[Row], *, cursor: int = 0, sort: tuple[str, bool] | None = None) -> None:
        """Show `rows`; `sort` names the column that they are sorted by, and whether the largest comes first."""
        self._rows, self._sort = rows, sort
        self.cursor = min(max(cursor, 0), max(len(rows) - 1, 0))
        self.virtual_size = Size(0, len(rows) + 1)
        self._follow()
        self.refresh()

    def fitting(self, width: int) -> list[tuple[Column[Row], int]]:
        """Return the columns that there is room for in `width` cells, each with its width."""
        kept = [column for column in self._columns if width >= column.room]
        left = width - _MARK - 1 - sum(column.width for column in kept) - _GAP * (len(kept) - 1)
        sharing = [column for column in kept if not column.width]
        widths = {}
        for place, column in enumerate(sharing):
            widths[column.name] = min(max(left // (len(sharing) - place), _LEAST), column.most)
            left -= widths[column.name]
        return [(column, column.width or widths[column.name]) for column in kept]

    def render_line(self, y: int) -> Strip:
        """One line: the heading stays, the rows are scrolled."""
        width = self.scrollable_content_region.width
        place = y - 1 + round(self.scroll_y)
        if y == 0:
            return self._line(self._heading(width), "ledger--heading")
        if place >= len(self._rows):
            return self._line(Content(""))
        here = place == self.cursor
        row = self._rows[place]
        shown = (_fit(column.cell(row, cells), cells, column) for column, cells in self.fitting(width))
        line = _side_by_side("▸ " if here else "  ", shown)
        if not here:
            return self._line(line)
        return self._line(line.without_spans, "ledger--cursor" if self.has_focus else "ledger--waiting")

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._follow()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self._go(self.cursor + by * max(self.size.height - 2, 1))

    def action_end(self, which: int) -> None:
        """Move the cursor to the first or the last row."""
        self._go(0 if which < 0 else len(self._rows) - 1)

    def on_click(self, event: Click) -> None:
        """Put the cursor where it was clicked; twice opens the row; a heading sorts."""
        at = event.get_content_offset(self)
        if at is None:
            return
        if at.y == 0:
            self._sort_at(at.x)
            return
        place = at.y - 1 + round(self.scroll_y)
        if place < len(self._rows):
            self._go(place)
            if event.chain == 2:
                self.post_message(self.Opened(self, place))  # type: ignore[arg-type]

    def _sort_at(self, x: int) -> None:
        right = _MARK
        for column, cells in self.fitting(self.scrollable_content_region.width):
            right += cells + _GAP
            if x < right:
                self.post_message(self.Sorted(self, column.name))  # type: ignore[arg-type]
                return

    def _go(self, place: int) -> None:
        place = min(max(place, 0), max(len(self._rows) - 1, 0))
        if place != self.cursor:
            self.cursor = place
            self._follow()
            self.refresh()
            self.post_message(self.Moved(self, place))  # type: ignore[arg-type]

    def _follow(self) -> None:
        """Scroll so that the cursor is in sight."""
        seen = max(self.size.height - 1, 1)
        top = round(self.scroll_y)
        if not top <= self.cursor < top + seen:
            top = self.cursor if self.cursor < top else self.cursor - seen + 1
            self.scroll_to(y=top, animate=False, immediate=True)

    def _heading(self, width: int) -> Content:
        shown = []
        for column, cells in self.fitting(width):
            arrow = ""
            if self._sort is not None and self._sort[0] == column.name:
                arrow = "▾" if self._sort[1] else "▴"
            fitting = (name for name in column.headings if len(name) + len(arrow) <= cells)
            shown.append(_fit(Content(f"{next(fitting, column.headings[-1])}{arrow}"), cells, column))
        return _side_by_side("  ", shown)

    def _line(self, content: Content, part: str | None = None) -> Strip:
        style = self.visual_style if part is None else self.get_visual_style(part)
        width = self.size.width
        return Visual.to_strips(self, content, width, 1, style, apply_selection=False, pad=True)[0]


def _fit(content: Content, cells: int, column: Column[Row]) -> Content:
    shown = content.truncate(cells, ellipsis=True)
    free = cells - shown.cell_length
    return shown.pad_left(free) if column.right else shown.pad_right(free)


def _side_by_side(mark: str, cells: Iterable[Content]) -> Content:
    return Content(mark) + Content(" " * _GAP).join(cells)
