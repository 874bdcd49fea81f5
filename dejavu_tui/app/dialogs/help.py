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
    (
        "run @800",
        "above, at the right: the run and the epoch of the snapshot that is shown; layer; k neighbours vote",
    ),
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
_MOVES = (
    ("↑ ↓ j k", "Move; page up and page down, < first, > last"),
    ("mouse", "Click tabs, rows, headings and kinds; shift and drag selects text"),
)


class Help(ModalScreen[None]):
    """Keys of the screen below, and a legend: signs of that screen first, then those of all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Back"),
        Binding("j", "scroll(1)", "Down"),
        Binding("k", "scroll(-1)", "Up"),
    ]

    def __init__(
        self, screen: str, keys: Iterable[tuple[str, str]], legend: Iterable[tuple[str, str]] = ()
    ) -> None:
        """`keys` and `legend`: what stands left, and what it means."""
        super().__init__(classes="prompt")
        self._title = f"Keys on {screen.capitalize()}"
        self._keys = tuple(keys)
        self._legend = tuple(legend)

    def compose(self) -> ComposeResult:
        """Keys, then the legend."""
        with VerticalScroll():
            yield Static(Content(self._title), classes="question")
            yield Static(_listed((*_MOVES, *self._keys)))
            yield Static(Content("Reading the screen"), classes="question")
            yield Static(_listed((*self._legend, *_READING)))

    def action_scroll(self, by: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def _listed(lines: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(Text(name, "bold"), Text(text))
    return table
