"""Small questions over a screen: one line of text, or one of a list."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static

from dejavu_tui.app.widgets.plaininput import PlainInput
from dejavu_tui.app.words.names import message
from dejavu_tui.text import safe_text

_HINT = 200
_COMPLAINT = 3
"""Lines of a complaint: so many are left in the smallest window."""


class Ask(ModalScreen[str | None]):
    """One line of text; what is typed stays while `refuse` has something against it. Esc leaves all as it was."""

    CSS: ClassVar[str] = "Ask.-refused .hint { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Back")]

    def __init__(
        self,
        question: str,
        *,
        typed: str = "",
        known: Sequence[str] = (),
        refuse: Callable[[str], str | None],
        explain: Callable[[str], str] | None = None,
    ) -> None:
        """`known`: answers that are completed while they are typed; `explain`: says what is typed so far means."""
        super().__init__(classes="prompt")
        self._question = question
        self._typed = typed
        self._known = known
        self._refuse = refuse
        self._explain = explain

    def compose(self) -> ComposeResult:
        """Question, line, what is known, what is meant, complaint."""
        with Vertical():
            yield Static(Content(self._question), classes="question")
            suggester = SuggestFromList(self._known) if self._known else None
            yield PlainInput(self._typed, select_on_focus=False, suggester=suggester)
            if self._known:
                yield Static(
                    Content(f"→ completes: {safe_text(' '.join(self._known), limit=_HINT)}"), classes="hint"
                )
            if self._explain is not None:
                yield Static(classes="meaning hint")
            yield Static(classes="complaint")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it means by now; a complaint was about what it was before."""
        if self.has_class("-refused"):
            self.remove_class("-refused")
            self.query_one(".complaint", Static).update("")
        if self._explain is not None:
            shown = self.query_one(".meaning", Static)
            shown.update(Content(message(self._explain(event.value), shown.size.width, lines=2)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed, or say what is wrong with it."""
        complaint = self._refuse(event.value)
        if complaint is None:
            self.dismiss(event.value)
        else:
            shown = self.query_one(".complaint", Static)
            shown.update(Content(message(complaint, shown.size.width, lines=_COMPLAINT)))
            self.add_class("-refused")


class Find(ModalScreen[int | None]):
    """One of a long list, found by typing a part of its name; answers with its place. Esc leaves all as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss(None)", "Back"),
        ("down", "move(1)", "Down"),
        ("up", "move(-1)", "Up"),
    ]

    def __init__(self, question: str, options: Sequence[tuple[str, Content]], *, at: int = 0) -> None:
        """`options`: name and line of each."""
        super().__init__(classes="prompt")
        self._question = question
        self._options = options
        self._places = list(range(len(options)))
        self._at = at

    def compose(self) -> ComposeResult:
        """Question, line, list."""
        with Vertical():
            yield Static(Content(self._question), classes="question")
            yield PlainInput(placeholder="type a part of its name", compact=True)
            yield OptionList(*(line for _, line in self._options), markup=False)

    def on_mount(self) -> None:
        """Start at what is chosen now."""
        self.query_one(Input).focus()
        self.query_one(OptionList).highlighted = self._at

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what holds the letters typed."""
        typed = event.value.strip().lower()
        self._places = [place for place, (name, _) in enumerate(self._options) if typed in name.lower()]
        shown = self.query_one(OptionList)
        shown.clear_options()
        shown.add_options(self._options[place][1] for place in self._places)
        shown.highlighted = self._places.index(self._at) if self._at in self._places else 0

    def on_input_submitted(self) -> None:
        """Answer with the line that is set off."""
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._places):
            self.dismiss(self._places[place])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A line was clicked."""
        self.dismiss(self._places[event.option_index])

    def action_move(self, by: int) -> None:
        """Go to the line below or above."""
        shown = self.query_one(OptionList)
        if by > 0:
            shown.action_cursor_down()
        else:
            shown.action_cursor_up()


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
