"""The filter line: what is listed, how many of how many, and what is wrong with what is being typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from dejavu_tui.app.acts.completing import Completer
from dejavu_tui.app.widgets.plaininput import PlainInput
from dejavu_tui.errors import FilterError
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.text import safe_text

_CALM = 0.15
"""Seconds without a key before what is typed is listed."""
_BEFORE_INPUT = 2
"""Cells between the left ends of the complaint and of what is typed."""

_SHOWN = 400
"""Characters of a filter that are shown: of thousands of ids out of a pipe, the first."""


class FilterLine(Vertical):
    """Shows the filter; while it is edited, lists what is typed so far if that is a filter; if not, says why, and
    what was listed before is listed.
    """

    @dataclass
    class Asked(Message):
        """The line was clicked: it wants to be edited."""

    @dataclass
    class Closed(Message):
        """Editing is over; what was listed before is listed again unless the filter is kept."""

    def __init__(self, take: Callable[[Filter], None]) -> None:
        """`take` lists what is typed. It may raise FilterError."""
        super().__init__()
        self._take_filter = take
        self._filter = Filter(())
        self._before = Filter(())
        self._calm: Timer | None = None
        self._history: list[str] = []
        self._back = 0
        self._counted = -1

    def compose(self) -> ComposeResult:
        """One line; a second one for complaints, where there is one."""
        with Horizontal():
            yield Static(Content.styled("/", "bold $text-accent"), classes="sign")
            yield Static(classes="filter")
            yield PlainInput(compact=True, select_on_focus=False)
            yield Static(classes="count")
        yield Static(classes="complaint")

    @property
    def editing(self) -> bool:
        """Whether a filter is being typed."""
        return self.has_class("-editing")

    def show(self, filter: Filter, count: Content) -> None:  # noqa: A002  it is the word of the language
        """Show what is listed, and how many."""
        self._filter = filter
        shown = safe_text(str(filter), limit=_SHOWN) or "all"
        self.query_one(".filter", Static).update(
            Content.styled(shown, "bold" if filter.terms else "$text-muted"), layout=False
        )
        number = self.query_one(".count", Static)
        if self._counted != count.cell_length:
            self._counted = count.cell_length
            number.styles.width = count.cell_length + 2
        number.update(count, layout=False)

    def edit(self, values: Mapping[str, Sequence[str]]) -> None:
        """Let the filter be typed; `values` of fields, such as classes and tags, are completed."""
        self._before = self._filter
        self._back = 0
        self.add_class("-editing")
        line = self.query_one(Input)
        line.suggester = Completer(values)
        text = str(self._filter)
        self._write(f"{text} " if text else "")
        line.focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._calm is not None:
            self._calm.stop()
        if self.editing:
            self._calm = self.set_timer(_CALM, self._take)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._take():
            text = str(self._filter)
            if text and text not in self._history[:1]:
                self._history.insert(0, text)
            self._close()

    def on_key(self, event: Key) -> None:
        """Escape leaves all as it was; up and down go through the filters of before; tab completes."""
        if not self.editing or event.key not in ("escape", "up", "down", "tab"):
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self._take_filter(self._before)
            self._close()
        elif event.key == "tab":
            line = self.query_one(Input)
            line.action_end()
            line.action_cursor_right()
        else:
            self._go_back(1 if event.key == "up" else -1)

    def on_click(self) -> None:
        """A click on the line is as good as the key."""
        if not self.editing:
            self.post_message(self.Asked())

    def _go_back(self, by: int) -> None:
        self._back = min(max(self._back + by, 0), len(self._history))
        self._write(self._history[self._back - 1] if self._back else str(self._before))

    def _write(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)

    def _take(self) -> bool:
        """List what is typed; say why if it is no filter."""
        if self._calm is not None:
            self._calm.stop()
        line = self.query_one(Input)
        try:
            self._take_filter(parse(line.value))
        except FilterError as error:
            if self._filter != self._before:
                self._take_filter(self._before)
            self._complain(error, at=cell_len(line.value[: error.span[0]]) - int(line.scroll_x))
            return False
        self.remove_class("-refused")
        return True

    def _complain(self, error: FilterError, *, at: int) -> None:
        """Say what is wrong beside a caret that stands below cell `at` of the line, on the side that has room."""
        what = f"{safe_text(error.what)}; {safe_text(error.fix)}"
        caret = max(_BEFORE_INPUT + at, 0)
        room = max(self.size.width - 2, 1)
        if caret + 2 + cell_len(what) <= room:
            shown = f"{' ' * caret}^ {what}"
        elif cell_len(what) + 2 <= caret:
            shown = f"{' ' * (caret - cell_len(what) - 1)}{what} ^"
        else:
            shown = f"{' ' * min(caret, room - 1)}^\n{what}"
        self.query_one(".complaint", Static).update(Content(shown))
        self.add_class("-refused")

    def _close(self) -> None:
        if self._calm is not None:
            self._calm.stop()
        self.remove_class("-editing", "-refused")
        self.post_message(self.Closed())
