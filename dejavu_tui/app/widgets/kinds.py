"""The four kinds as a row of choices, with how many attacked images there are of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dejavu_tui.records import KINDS, Kind

_LEAST_LETTERS = 4
"""Where there is no room for so many letters of each kind, only the chosen one is named."""


class KindChoice(Static):
    """One choice; None is all kinds."""

    def __init__(self, key: str, kind: Kind | None) -> None:
        super().__init__()
        self.key = key
        self.kind = kind

    def on_click(self) -> None:
        """Choose it with the mouse."""
        self.post_message(KindBar.Chosen(self.kind))


class KindBar(Horizontal):
    """The row of choices."""

    @dataclass
    class Chosen(Message):
        """A kind was clicked."""

        kind: Kind | None

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Mapping[Kind, int], tuple[str, ...], int] | None = None

    def compose(self) -> ComposeResult:
        """Keys 1 to 4, and a for all."""
        for number, kind in enumerate(KINDS, start=1):
            yield KindChoice(str(number), kind)
        yield KindChoice("a", None)

    def show(self, counts: Mapping[Kind, int], chosen: Sequence[str], *, width: int) -> None:
        """Write the numbers, the names cut as short as `width` asks for, and set off the chosen ones; none: all."""
        if self._shown == (counts, tuple(chosen), width):
            return
        self._shown = dict(counts), tuple(chosen), width
        numbers: dict[Kind | None, int] = {None: sum(counts.values())}
        numbers.update(counts.items())
        letters = _letters(numbers, width=width)
        for choice in self.query(KindChoice):
            here = choice.kind in chosen if chosen else choice.kind is None
            name = str(choice.kind or "all")
            if letters:
                name = f"{_cut(name, letters)} {numbers[choice.kind]:,}"
            elif not here:
                name = ""
            shown = Content.styled(name, "bold" if here else "$text-muted")
            choice.update(Content.assemble("▸" if here else " ", (choice.key, "bold $accent"), " ", shown, " "))
            choice.set_class(here, "-here")


def _letters(numbers: Mapping[Kind | None, int], *, width: int) -> int:
    """Return how many letters of each name fit beside its number; 0: too few."""
    for letters in range(max(map(len, KINDS)), _LEAST_LETTERS - 1, -1):
        shown = (f"{_cut(kind or 'all', letters)} {number:,}" for kind, number in numbers.items())
        if sum(len(text) + 4 for text in shown) <= width:
            return letters
    return 0


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1]}…"
