"""What every screen with a table of attacked images can do: filter, search, sort, jump, mark."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import polars as pl
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual_fastdatatable import DataTable

from dejavu_tui.app import lines
from dejavu_tui.app.listing import SORTS, Asked, class_counts, rows, sorted_by
from dejavu_tui.app.screens.prompts import Ask, Choose
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.records import KINDS, Kind
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView

_DIGITS = 19
"""An image id has fewer digits: it fits in 64 bits."""


class ListedScreen(Screen[None]):
    """A screen with the widgets #top, KindBar, SampleTable and #empty; the rows that are listed and the marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", tooltip="All keys; how to read the screen"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Search in paths, classes and guesses"),
        Binding("c", "class", "Class", tooltip="Show one class"),
        Binding("s", "sort", "Sort", tooltip="Sort by another column"),
        Binding("space", "mark", "Mark", key_display="spc", tooltip="Mark the image, or take the mark away"),
        Binding("1", "kind('memorized')", "Memorized", show=False, tooltip="Only memorized images"),
        Binding("2", "kind('correlated')", "Correlated", show=False, tooltip="Only correlated images"),
        Binding("3", "kind('misrepresented')", "Misrepresented", show=False, tooltip="Only misrepresented images"),
        Binding("4", "kind('unassociated')", "Unassociated", show=False, tooltip="Only unassociated images"),
        Binding("a,0", "kind('')", "All", show=False, key_display="a", tooltip="All attacked images; 0 too"),
        Binding("e", "control", "Control", show=False, tooltip="The control images of E; again: of A and B"),
        Binding("r", "reverse", "Reverse", show=False, tooltip="Reverse the order"),
        Binding("g,colon", "jump", "Jump", show=False, key_display="g", tooltip="Jump to an image id; : too"),
        Binding("escape", "back", "Back", show=False, key_display="esc", tooltip="Take the last filter away"),
    ]

    def __init__(self, view: BrowseView) -> None:
        super().__init__()
        self.view = view
        self.asked = Asked()
        self.marked: dict[int, None] = {}
        self.busy = ""
        self.places = np.empty(0, np.int64)

    @property
    def looked_at(self) -> int | None:
        """Id of the image under the cursor."""
        row = self.query_one(SampleTable).cursor_row
        if row >= len(self.places):
            return None
        return int(self.view.samples["image_id"][int(self.places[row])])

    def look(self, row: int) -> None:
        """Show the image in `row` of the table; each screen has its own way."""
        raise NotImplementedError

    def list_anew(self, *, keep: int | None) -> None:
        """List what is asked for, the cursor on the image `keep` if it is still there."""
        self.places = rows(self.view, self.asked)
        ids = self.view.samples["image_id"].to_numpy()[self.places]
        found = np.flatnonzero(ids == keep)
        cursor = int(found[0]) if len(found) else 0
        table = self.query_one(SampleTable)
        table.show(self.view, self.places, self.asked, marked=self.marked, cursor=cursor)
        self.set_class(not len(self.places), "-empty")
        self.query_one("#empty", Static).update(lines.nothing(self.view, self.asked))
        self.tell()
        self.look(cursor)

    def tell(self) -> None:
        """Write the lines above the table."""
        top = lines.top(
            self.view,
            self.asked,
            listed=len(self.places),
            marked=len(self.marked),
            busy=self.busy,
            width=self.size.width - 2,
        )
        self.query_one("#top", Static).update(top, layout=False)
        counts = self.view.control if self.asked.control else self.view.attacked
        self.query_one(KindBar).show(counts, self.asked.kind, width=self.size.width)

    def say(self, text: str, *, bad: bool = False) -> None:
        """Notify the user. `text` may hold names out of files."""
        self.notify(safe_text(text), severity="error" if bad else "information", markup=False)

    def ask(self, asked: Asked) -> None:
        """List something else; the cursor stays on its image."""
        self.asked = asked
        self.list_anew(keep=self.looked_at)

    def action_kind(self, kind: str) -> None:
        """Show one kind, or all."""
        chosen: Kind | None = next((known for known in KINDS if known == kind), None)
        self.ask(replace(self.asked, kind=chosen))

    def on_kind_bar_chosen(self, event: KindBar.Chosen) -> None:
        """A kind was clicked."""
        self.ask(replace(self.asked, kind=event.kind))

    def action_control(self) -> None:
        """Show the images of E, or those of A and B again."""
        if any(self.view.control.values()):
            self.ask(replace(self.asked, control=not self.asked.control))
        else:
            self.say("This audit has no control images (part E).")

    def action_class(self) -> None:
        """Ask for a class."""
        found = class_counts(self.view, self.asked)
        named = [Content(f"{safe_text(name, limit=48)}  {number:,}") for _, name, number in found]
        labels = [None, *(label for label, _, _ in found)]

        def chosen(place: int | None) -> None:
            if place is not None:
                self.ask(replace(self.asked, label=labels[place]))

        at = labels.index(self.asked.label)
        self.app.push_screen(Choose("Show which class?", [Content("all classes"), *named], at=at), chosen)

    def action_sort(self) -> None:
        """Ask for a column."""
        names = list(SORTS)

        def chosen(place: int | None) -> None:
            if place is not None:
                self._sort(names[place])

        at = names.index(self.asked.sort)
        self.app.push_screen(Choose("Sort by what?", [Content(SORTS[name]) for name in names], at=at), chosen)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A heading was clicked: sort by it, or the other way round."""
        self._sort(self.query_one(SampleTable).fields[event.column_index].sort)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.asked.sort)

    def action_search(self) -> None:
        """Ask for a text."""

        def chosen(typed: str | None) -> None:
            if typed is not None:
                self.ask(replace(self.asked, text=typed.strip()))

        question = "Search in path, class and guesses (empty: all)"
        self.app.push_screen(Ask(question, typed=self.asked.text, refuse=lambda _: None), chosen)

    def action_jump(self) -> None:
        """Ask for an image id and go there; filters that hide it are taken away."""

        def refuse(typed: str) -> str | None:
            number = typed.strip()
            if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS):
                return "An image id is a number."
            known = self.view.samples["image_id"].to_numpy()
            return None if int(number) in known else f"Image {int(number)} is not attacked in this audit."

        def chosen(typed: str | None) -> None:
            if typed is None:
                return
            if int(typed) not in self.view.samples["image_id"].to_numpy()[self.places]:
                part = self.view.samples.row(by_predicate=pl.col("image_id") == int(typed), named=True)["part"]
                self.asked = replace(self.asked, kind=None, control=part == "E", label=None, text="")
            self.list_anew(keep=int(typed))

        self.app.push_screen(Ask("Jump to which image id?", refuse=refuse), chosen)

    def action_back(self) -> None:
        """Take the last filter away."""
        if self.asked.text:
            self.ask(replace(self.asked, text=""))
        elif self.asked.label is not None:
            self.ask(replace(self.asked, label=None))
        elif self.asked.control:
            self.ask(replace(self.asked, control=False))

    def action_mark(self) -> None:
        """Mark the image, or take the mark away, and go on to the next."""
        image_id = self.looked_at
        if image_id is None:
            return
        if image_id in self.marked:
            del self.marked[image_id]
        else:
            self.marked[image_id] = None
        table = self.query_one(SampleTable)
        table.remark()
        table.action_cursor_down()
        self.tell()

    def _sort(self, sort: str) -> None:
        descending = not self.asked.descending if sort == self.asked.sort else sorted_by(sort)
        self.ask(replace(self.asked, sort=sort, descending=descending))
