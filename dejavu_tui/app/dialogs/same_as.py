"""The command that prints what is on the screen."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dejavu_tui.text import safe_text


class SameAs(ModalScreen[None]):
    """Shows a command; `copy` copies it and says where it went."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,equals_sign,q", "dismiss", "Back"), ("y", "copy", "Copy")]

    def __init__(self, command: str, copy: Callable[[], str]) -> None:
        super().__init__(classes="prompt")
        self._command = command
        self._copy = copy

    def compose(self) -> ComposeResult:
        """The command, whole: it is wrapped, never cut."""
        with VerticalScroll():
            yield Static(Content("What this screen shows, as a command"), classes="question")
            yield Static(Content(safe_text(self._command)), classes="command")
            yield Static(Content.styled("y copies it, esc leads back", "$text-muted"), classes="said")

    def action_copy(self) -> None:
        """Copy the command."""
        self.query_one(".said", Static).update(Content(safe_text(self._copy())))
