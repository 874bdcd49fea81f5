"""The help: every key, and how to read what is on the screen."""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

_READING = (
    ("memorized", "the target encoder, trained on the image, infers the class from background; the other cannot"),
    ("correlated", "both can: the background tells the class"),
    ("misrepresented", "only the reference encoder can, which never saw the image: what chance does"),
    ("unassociated", "neither can"),
    ("target, reference", "of an image of part B the target encoder is SSL_B; of A and E it is SSL_A"),
    ("conf.", "negative entropy of the votes: 0 when all neighbours agree"),
    ("6/20  -1.64", "under an encoder's name: neighbours that vote for its guess, of how many; confidence"),
    ("1  0.821", "under a neighbour: its rank and its distance from the crop"),
    ("✓ ✗", "the guess, or the class of the neighbour, is the true one; or not"),
    ("solid, dashed", "outline of the background crop that was shown to the encoders; boxes of objects"),
)


class Help(ModalScreen[None]):
    """Keys of the screen below, and a legend."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q", "dismiss", "Back")]

    def __init__(self, bindings: Iterable[Binding]) -> None:
        super().__init__(classes="prompt")
        self._keys = [binding for binding in bindings if binding.description]

    def compose(self) -> ComposeResult:
        """Keys, then the legend."""
        keys = [(binding.key_display or binding.key, binding.tooltip) for binding in self._keys]
        moves = [
            ("↑ ↓ j k", "Move; page up and page down, < first, > last"),
            ("mouse", "Click rows, headings and kinds; shift and drag selects text"),
        ]
        with VerticalScroll():
            yield Static(Content("Keys"), classes="question")
            yield Static(_listed([*moves, *keys]))
            yield Static(Content("Reading the screen"), classes="question")
            yield Static(_listed(_READING))


def _listed(lines: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(Text(name, "bold"), Text(text))
    return table
