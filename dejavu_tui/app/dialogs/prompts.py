"""Small questions over a screen: one line of text, or one of a list."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from dejavu_tui.text import safe_text


class Ask(ModalScreen[str | None]):
    """One line of text; what is typed stays while `refuse` has something against it. Esc leaves all as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Back")]

    def __init__(self, question: str, *, typed: str = "", refuse: Callable[[str], str | None]) -> None:
        super().__init__(classes="prompt")
        self._question = question
        self._typed = typed
        self._refuse = refuse

    def compose(self) -> ComposeResult:
        """Question, line, complaint."""
        with Vertical():
            yield Static(Content(self._question), classes="question")
            yield Input(self._typed, select_on_focus=False)
            yield Static(classes="complaint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed, or say what is wrong with it."""
        complaint = self._refuse(event.value)
        if complaint is None:
            self.dismiss(event.value)
        else:
            self.query_one(".complaint", Static).update(Content(safe_text(complaint)))


class Choose(ModalScreen[int | None]):
    """One of a list; answers with its place. Esc leaves all as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss(None)", "Back"),
        ("j", "down", "Down"),
        ("k", "up", "Up"),
    ]

    def __init__(self, question: str, options: Sequence[Content], *, at: int = 0) -> None:
        super().__init__(classes="prompt")
        self._question = question
        self._options = options
        self._at = at

    def compose(self) -> ComposeResult:
        """Question and list."""
        with Vertical():
            yield Static(Content(self._question), classes="question")
            yield OptionList(*self._options, markup=False)

    def on_mount(self) -> None:
        """Start at what is chosen now."""
        self.query_one(OptionList).highlighted = self._at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option_index)

    def action_down(self) -> None:
        """Next."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Former."""
        self.query_one(OptionList).action_cursor_up()
