"""The filter line: what is listed, how many of how many, and what is wrong with what is being typed."""

from collections.abc import Callable
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

from dejavu_tui.errors import FilterError
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.text import safe_text

_CALM = 0.15
"""Seconds without a key before what is typed is listed."""


class FilterLine(Vertical):
    """Shows the filter; while it is edited, lists what is typed so far if that is a filter, and says why if not."""

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

    def compose(self) -> ComposeResult:
        """One line; a second one for complaints, where there is one."""
        with Horizontal():
            yield Static(Content.styled("/", "bold $accent"), classes="sign")
            yield Static(classes="filter")
            yield Input(compact=True, select_on_focus=False)
            yield Static(classes="count")
        yield Static(classes="complaint")

    @property
    def editing(self) -> bool:
        """Whether a filter is being typed."""
        return self.has_class("-editing")

    def show(self, filter: Filter, count: Content) -> None:  # noqa: A002  it is the word of the language
        """Show what is listed, and how many."""
        self._filter = filter
        shown = safe_text(str(filter)) or "all"
        self.query_one(".filter", Static).update(
            Content.styled(shown, "bold" if filter.terms else "$text-muted"), layout=False
        )
        number = self.query_one(".count", Static)
        number.styles.width = count.cell_length + 1
        number.update(count)

    def edit(self) -> None:
        """Let the filter be typed."""
        self._before = self._filter
        self.add_class("-editing")
        line = self.query_one(Input)
        text = str(self._filter)
        line.value = f"{text} " if text else ""
        line.cursor_position = len(line.value)
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
            self._close()

    def on_key(self, event: Key) -> None:
        """Escape leaves all as it was."""
        if self.editing and event.key == "escape":
            event.stop()
            self._take_filter(self._before)
            self._close()

    def on_click(self) -> None:
        """A click on the line is as good as the key."""
        if not self.editing:
            self.edit()

    def _take(self) -> bool:
        """List what is typed; say why if it is no filter."""
        if self._calm is not None:
            self._calm.stop()
        text = self.query_one(Input).value
        try:
            self._take_filter(parse(text))
        except FilterError as error:
            caret = " " * (2 + cell_len(text[: error.span[0]])) + "^ "
            self.query_one(".complaint", Static).update(Content(f"{caret}{safe_text(str(error))}"))
            self.add_class("-refused")
            return False
        self.remove_class("-refused")
        return True

    def _close(self) -> None:
        if self._calm is not None:
            self._calm.stop()
        self.remove_class("-editing", "-refused")
        self.post_message(self.Closed())
