"""The table of attacked images: any number of rows, formatted one at a time when they come into view."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.strip import Strip
from textual_fastdatatable import ArrowBackend, DataTable

from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView

_PADDING = 2
"""Cells that the table puts around the content of a column."""
_WIDEST = 28
KIND_STYLES = {
    "memorized": "bold #d08b1f",
    "correlated": "#4f8fd6",
    "misrepresented": "#b26fb0",
    "unassociated": "dim",
}
MARK_STYLE = "bold #d08b1f"
HIT_STYLE = "bold #4ea56a"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A column: the field of the listing that it shows, its headings from long to short, its width in cells.

    `width` 0: an even share; `room`: cells that the table must have for this column to be there; `right`: numbers.
    """

    name: str
    headings: tuple[str, ...]
    width: int
    cell: Callable[[Row, Mapping[int, str]], Text]
    room: int = 0
    right: bool = False

    def heading(self, room: int) -> str:
        """Return the longest heading that fits into `room` cells."""
        return next((heading for heading in self.headings if len(heading) <= room), self.headings[-1])


def _text(value: str, style: str = "", *, right: bool = False) -> Text:
    return Text(safe_text(value), style, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")


def _guess(row: Row, names: Mapping[int, str], role: str) -> Text:
    hit = row[f"{role}_hit"]
    return _text(f"{'✓' if hit else ' '} {names[row[f'{role}_guess']]}", HIT_STYLE if hit else "")


def _number(value: float, sign: str = "") -> Text:
    return _text(f"{value + 0.0:{sign}.3f}", right=True)


FIELDS = (
    Field("id", ("image",), 7, lambda row, _: _text(str(row["image_id"]), right=True), right=True),
    Field("part", ("in",), 3, lambda row, _: _text(row["part"], "dim"), room=100),
    Field("class", ("class", "cls"), 0, lambda row, _: _text(row["label_name"])),
    Field("guess", ("target", "tgt.", "tgt"), 0, lambda row, names: _guess(row, names, "target")),
    Field("conf", ("conf.",), 7, lambda row, _: _number(row["target_confidence"]), right=True),
    Field("rguess", ("reference", "ref.", "ref"), 0, lambda row, names: _guess(row, names, "reference")),
    Field("rconf", ("conf.",), 7, lambda row, _: _number(row["reference_confidence"]), 56, right=True),
    Field("gap", ("gap",), 7, lambda row, _: _number(row["confidence_gap"], "+"), 110, right=True),
    Field("kind", ("kind",), 14, lambda row, _: _text(row["kind"], KIND_STYLES.get(row["kind"], "")), room=70),
    Field("tag", ("tags",), 12, lambda row, _: _text(row["tags"], MARK_STYLE), room=96),
    Field("path", ("path",), 0, lambda row, _: _text(row["path"], "dim"), room=130),
)
_RAW = (
    "image_id", "part", "label_name", "target_guess", "target_confidence", "target_hit", "reference_guess",
    "reference_confidence", "reference_hit", "confidence_gap", "kind", "path",
)  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """What the user has done: the ids `selected`, the `tags` by id, the rows `between` the ends of a range."""

    selected: Collection[int] = ()
    tags: Mapping[int, frozenset[str]] = field(default_factory=dict)
    between: range = range(0)

    def of(self, image_id: int, row: int) -> Text:
        """Return the signs before the id in `row`, three cells: ● selected, ○ in the range, # tagged, a blank."""
        sign = "●" if image_id in self.selected else "○" if row in self.between else " "
        return Text(f"{sign}{'#' if image_id in self.tags else ' '} ", MARK_STYLE)


class SampleRows(ArrowBackend):
    """The rows `places` of `data`, in that order; nothing is copied; a cell becomes text only when asked for."""

    def __init__(
        self,
        data: pa.Table,
        places: NDArray[np.int64],
        *,
        names: Mapping[int, str],
        fields: Sequence[Field],
        marks: Marks,
    ) -> None:
        super().__init__(data)
        self._places = places
        self._names = names
        self._fields = fields
        self.remark(marks)
        self._row: Row = {}

    def remark(self, marks: Marks) -> None:
        """Take in what is selected and tagged by now."""
        self._marks = marks
        self._place = -1

    @property
    def row_count(self) -> int:
        """How many rows are listed."""
        return len(self._places)

    @property
    def columns(self) -> Sequence[str]:
        """Columns as they are shown."""
        return [field.headings[0] for field in self._fields]

    @property
    def column_count(self) -> int:
        """How many of them."""
        return len(self._fields)

    @property
    def column_content_widths(self) -> list[int]:
        """Fixed widths: nothing is measured, however many rows there are."""
        return [field.width for field in self._fields]

    def get_row_at(self, index: int) -> Sequence[Any]:
        """Return the cells of a row."""
        return [self.get_cell_at(index, column) for column in range(len(self._fields))]

    def get_cell_at(self, row_index: int, column_index: int) -> Any:
        """Return a cell as text that is shown as it is, never as markup."""
        place = int(self._places[row_index])
        if place != self._place:
            row: dict[str, Any] = {name: self.data[name][place].as_py() for name in _RAW}
            row["tags"] = " ".join(sorted(self._marks.tags.get(row["image_id"], ())))
            self._place, self._row = place, row
        field = self._fields[column_index]
        cell = field.cell(self._row, self._names)
        if field.name == "id":
            return Text(justify="right").append_text(self._marks.of(self._row["image_id"], row_index)) + cell
        return cell


class SampleTable(DataTable):
    """The table; it keeps its cursor on the same image where it can."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="down", tooltip="The next row; ↓ too"),
        Binding("k", "cursor_up", "Up", show=False, id="up", tooltip="The row before; ↑ too"),
        Binding("less_than_sign", "cursor_table_start", "First", show=False, id="first", tooltip="The first row"),
        Binding("greater_than_sign", "cursor_table_end", "Last", show=False, id="last", tooltip="The last row"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(data=[], id=id, cursor_type="row", show_row_labels=False, render_markup=False, null_rep="")
        self._view: BrowseView | None = None
        self._listing = OPENING
        self._places = np.empty(0, np.int64)
        self._data = pa.table({})
        self._marks = Marks()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns that there is room for; tags only where there are some."""
        there = [field for field in FIELDS if self.size.width >= field.room]
        return tuple(field for field in there if field.name != "tag" or self._marks.tags)

    def show(
        self, view: BrowseView, places: NDArray[np.int64], listing: Listing, *, marks: Marks, cursor: int
    ) -> None:
        """List the rows `places` of `view`, the cursor in row `cursor`."""
        if view is not self._view:
            self._data = view.samples.select(_RAW).rechunk().to_arrow()
        self._view, self._places, self._listing, self._marks = view, places, listing, marks
        self._rebuild()
        self.move_cursor(row=cursor)

    def remark(self, marks: Marks) -> None:
        """Draw the marks anew."""
        self._marks = marks
        if isinstance(self.backend, SampleRows):
            self.backend.remark(marks)
        self._clear_caches()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """A second click on a row is as good as enter."""
        if event.chain == 2 and event.style.meta.get("row", -1) >= 0:
            self.action_select_cursor()

    def on_resize(self) -> None:
        """Give the columns another width."""
        if self._view is not None:
            self._rebuild()

    def render_line(self, y: int) -> Strip:
        """One line; the table leaves empty ones without a style, which the filter for NO_COLOR cannot take."""
        return super().render_line(y).apply_style(self.rich_style)

    def _rebuild(self) -> None:
        if self._view is None:
            return
        fields = self.fields
        digits = len(str(self._view.images["image_id"].max() or 0))
        fields = (replace(fields[0], width=max(digits, len(fields[0].headings[0])) + 3), *fields[1:])
        names, marks = self._view.label_names, self._marks
        backend = SampleRows(self._data, self._places, names=names, fields=fields, marks=marks)
        backend.render_markup = False
        self.backend = backend
        widths = _widths(fields, self.size.width - self.styles.scrollbar_size_vertical)
        self._column_widths = list(widths)
        self._column_labels = [
            _heading(field, self._listing, width) for field, width in zip(fields, widths, strict=True)
        ]
        self._ordered_columns = None
        self._update_count += 1
        self._clear_caches()
        self._update_dimensions([])
        self.refresh()


def _heading(field: Field, listing: Listing, width: int) -> Text:
    arrow = ("▾" if listing.descending else "▴") if field.name == listing.sort else ""
    text = f"{field.heading(width - len(arrow))}{arrow}"
    return Text(text, justify="right" if field.right else "left", no_wrap=True)


def _widths(fields: Sequence[Field], room: int) -> list[int]:
    """Fixed widths as they are, the rest of `room` shared by those of width 0; the last takes what is left."""
    left = room - sum(field.width + _PADDING for field in fields)
    sharing = [field for field in fields if not field.width]
    share = min(max(left // max(len(sharing), 1), 4), _WIDEST)
    last = left - share * (len(sharing) - 1)
    return [field.width or (last if field is fields[-1] else share) for field in fields]
