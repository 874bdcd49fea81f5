"""The line into which the path of a picture is typed; what was asked before comes back with up and down."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from dejavu_tui.app.widgets.plaininput import PlainInput

_MOST = 50
"""Paths that are kept."""


class PathInput(PlainInput):
    """One line; up and down bring back what was asked before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", "Former", key_display="↑ ↓"),
        Binding("down", "recall(1)", "After", show=False),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__(compact=True, placeholder="path of a picture, or an image id")
        self._asked: list[str] = []
        self._place = 0

    def remember(self, typed: str) -> None:
        """Keep what was asked; asked twice, it counts as asked now."""
        self._asked = [*(former for former in self._asked if former != typed), typed][-_MOST:]
        self._place = len(self._asked)

    def action_recall(self, by: int) -> None:
        """Bring back what was asked before or after."""
        self._place = min(max(self._place + by, 0), len(self._asked))
        self.value = self._asked[self._place] if self._place < len(self._asked) else ""
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Give the keyboard back."""
        self.screen.set_focus(None)


class PathLine(Horizontal):
    """The line with its sign."""

    @dataclass
    class Typed(Message):
        """A path was typed."""

        text: str

    def compose(self) -> ComposeResult:
        """Sign and line."""
        yield Static(Content.styled("i", "bold $accent"), classes="sign")
        yield PathInput()

    def edit(self) -> None:
        """Let a path be typed; what stands there goes at the first key."""
        line = self.query_one(PathInput)
        line.focus()
        line.action_select_all()

    def show(self, text: str) -> str:
        """Show what is asked about, on one line; return how that looks."""
        line = self.query_one(PathInput)
        line.value = text.strip()
        return line.value

    def settle(self, shown: str, word: str) -> None:
        """Show the name of the picture that was found for what was `shown`, unless that was changed by now."""
        line = self.query_one(PathInput)
        if line.value == shown:
            line.value = word
            if line.has_focus:
                line.action_leave()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.query_one(PathInput).remember(event.value)
            self.post_message(self.Typed(event.value))
