"""The screen on which one sees which classes are remembered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import polars as pl
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from dejavu_tui.app.acts.unlisted import UnlistedScreen
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.prompts import Ask, Choose
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words.classlines import (
    CLASS_COLUMNS,
    FEW,
    SORTS,
    ClassLine,
    Direction,
    class_lines,
    class_table,
    in_words,
    summary,
)
from dejavu_tui.listing.language import Filter
from dejavu_tui.listing.places import OPENING, Listing, replaced
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView

if TYPE_CHECKING:
    from dejavu_tui.app.application import DejavuApp


class ClassesScreen(UnlistedScreen):
    """A row for each class: accuracies of both encoders, their gap, the shares of the kinds."""

    NAME = "classes"
    LETTER = "L"
    ORDER = 4
    LEGEND = (
        ("target", "share of the attacked images whose class the target encoder infers from the background"),
        ("reference", "the same of the encoder that never saw them"),
        ("gap", "target less reference: what only memory explains"),
        (f"({FEW - 1})", f"fewer than {FEW} attacked images: their shares say little"),
    )
    CSS: ClassVar[str] = """
    ClassesScreen #summary { height: auto; max-height: 2; padding: 0 1; background: $surface; }
    ClassesScreen #classes { height: 1fr; }
    ClassesScreen #words { height: auto; max-height: 4; padding: 0 1; border-top: solid $surface-lighten-2; }
    ClassesScreen #none { display: none; height: 1fr; content-align: center middle; color: $text-muted; }
    ClassesScreen.-none #none { display: block; }
    ClassesScreen.-none #classes, ClassesScreen.-none #words { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open('')", "Browse", id="open_class",
                tooltip="Browse the images of this class, all kinds"),
        Binding("slash", "find", "Find", key_display="/", id="find_class",
                tooltip="Only classes whose name holds what you type"),
        Binding("s", "sort", "Sort", id="sort", tooltip="Sort the classes by another column"),
        Binding("r", "reverse", "Reverse", id="reverse", tooltip="Turn the order of the classes round"),
        Binding("e", "control", "Control", id="control",
                tooltip="Classes of the control images of E; again: of A and B"),
        *(
            Binding(str(number), f"open('{kind}')", kind.capitalize(), show=False, id=kind,
                    tooltip=f"Browse the {kind} images of this class")
            for number, kind in enumerate(KINDS, start=1)
        ),
        Binding("escape", "back", "Back", show=False, key_display="esc", id="back",
                tooltip="All classes again"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sort, self.descending = "gap", True
        self.direction: Direction = "both"
        self.holds = ""
        self._at = ""
        self._counted: tuple[BrowseView, pl.DataFrame] | None = None

    def body(self) -> ComposeResult:
        """Numbers of all classes, the table, the class under the cursor in words."""
        yield Static(id="summary")
        yield Ledger(CLASS_COLUMNS, id="classes")
        yield Static(id="none")
        yield Static(id="words")

    def on_mount(self) -> None:
        """The keyboard belongs to the table."""
        self.ledger.focus()

    @property
    def ledger(self) -> Ledger[ClassLine]:
        """The table."""
        return cast("Ledger[ClassLine]", self.query_one(Ledger))

    @property
    def table(self) -> pl.DataFrame:
        """The classes of the snapshot on the desk, counted once."""
        view = self.desk.view
        if self._counted is None or self._counted[0].samples is not view.samples:
            self._counted = view, class_table(view)
        return self._counted[1]

    def draw(self) -> None:
        """List the classes, the cursor on the same class as before."""
        if self.direction == "E" and not any(self.desk.view.control.values()):
            self.direction = "both"
        lines = class_lines(
            self.table, direction=self.direction, holds=self.holds, sort=self.sort, descending=self.descending
        )
        at = next((place for place, line in enumerate(lines) if line.name == self._at), 0)
        self.ledger.show(lines, cursor=at, sort=(self.sort, self.descending))
        told = summary(lines, direction=self.direction, holds=self.holds, width=self.size.width)
        self.query_one("#summary", Static).update(told)
        self.set_class(not lines, "-none")
        self.query_one("#none", Static).update(Content("No class has such a name; esc shows all."))
        self._tell_class()
        self.call_after_refresh(self._regain)

    def resized(self) -> None:
        """Write in as many words as there is room for."""
        super().resized()
        self.draw()

    def twin(self) -> Sequence[str]:
        """Return the command that prints the same."""
        view = self.desk.view
        words = ["dejavu", "classes", str(self.desk.audit.root), "--run", view.run, "--epoch", str(view.epoch)]
        return [*words, "--layer", view.layer, "--k", str(view.k)]

    def on_ledger_moved(self) -> None:
        """Another class."""
        self._tell_class()

    def on_ledger_sorted(self, event: Ledger.Sorted) -> None:
        """A heading was clicked: sort by it, or the other way round."""
        self.sort_by("gap" if event.name == "bar" else event.name)

    async def on_ledger_opened(self) -> None:
        """A class was clicked twice."""
        await self.action_open("")

    def action_sort(self) -> None:
        """Ask for a column."""
        names = list(SORTS)

        def chosen(place: int | None) -> None:
            if place is not None:
                self.sort_by(names[place])

        options = [Content(what) for what, _ in SORTS.values()]
        self.app.push_screen(Choose("Sort classes by what?", options, at=names.index(self.sort)), chosen)

    def sort_by(self, column: str) -> None:
        """Sort by a column, or the other way round if that is how the classes are sorted."""
        self.descending = not self.descending if column == self.sort else SORTS[column][1]
        self.sort = column
        self.draw()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.sort_by(self.sort)

    def action_control(self) -> None:
        """Show the classes of E, or those of A and B again."""
        if self.direction == "both" and not any(self.desk.view.control.values()):
            self.say("This audit has no control images (part E).")
            return
        self.direction = "both" if self.direction == "E" else "E"
        self.draw()

    def action_find(self) -> None:
        """Ask for a part of the name."""

        def typed(text: str | None) -> None:
            if text is not None:
                self.holds = text.strip()
                self.draw()

        question = "Show classes whose name holds what? Nothing: all."
        self.app.push_screen(Ask(question, typed=self.holds, refuse=lambda _: None), typed)

    def action_back(self) -> None:
        """All classes again."""
        self.holds = ""
        self.draw()

    async def action_open(self, kind: str) -> None:
        """Browse the images of the class under the cursor: of one kind, or all."""
        line = self.ledger.row
        if line is None:
            return
        if not line.values["n"]:
            self.say(str(line.values["note"]))
            return
        asked = replaced(Filter(()), "class", (line.name,))
        asked = replaced(asked, "kind", (kind,) if kind else ())
        asked = replaced(asked, "part", ("E",) if self.direction == "E" else ())
        self.desk.ask(Listing(asked, OPENING.sort, OPENING.descending))
        await cast("DejavuApp", self.app).action_go("browse")

    def _regain(self) -> None:
        """Give the keyboard back to the table, which loses it while it is not there."""
        if self.focused is None:
            self.ledger.focus()

    def _tell_class(self) -> None:
        line = self.ledger.row
        if line is not None:
            self._at = line.name
            shown = in_words(line, direction=self.direction, width=self.size.width)
            self.query_one("#words", Static).update(shown)


SCREEN = ClassesScreen
