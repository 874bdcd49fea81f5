"""The four kinds as a row of choices, with how many attacked images there are of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.records import KINDS, Kind

_NAMES: tuple[Mapping[Kind | None, str], ...] = tuple(
    dict(zip((*KINDS, None), (*names, "all"), strict=True))
    for names in (
        KINDS,
        ("memorized", "correlated", "misrepr.", "unassoc."),
        ("mem.", "cor.", "mis.", "una."),
    )
)
"""Names of the kinds, from long to short."""
_AROUND = 4
"""Cells around name and number: a mark, the key, blanks."""


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
        """Write the numbers, the names as long as `width` allows, and set off the chosen ones; none: all."""
        if self._shown == (counts, tuple(chosen), width):
            return
        self._shown = dict(counts), tuple(chosen), width
        numbers: dict[Kind | None, int] = {None: sum(counts.values())}
        numbers.update(counts.items())
        words = _words(numbers, width=width)
        for choice in self.query(KindChoice):
            here = choice.kind in chosen if chosen else choice.kind is None
            name = words[choice.kind] if words else _NAMES[0][choice.kind] if here else ""
            shown = Content.styled(name, "bold" if here else "$text-muted")
            choice.update(
                Content.assemble("▸" if here else " ", (choice.key, "bold $text-accent"), " ", shown, " ")
            )
            choice.set_class(here, "-here")


def _words(numbers: Mapping[Kind | None, int], *, width: int) -> Mapping[Kind | None, str] | None:
    """Return sign, name and number of each kind, as long as they all fit; None: not even the shortest do."""
    for names in _NAMES:
        for signs in (KIND_SIGNS, {}):
            words = {kind: f"{names[kind]} {number:,}" for kind, number in numbers.items()}
            for kind, sign in signs.items():
                words[kind] = f"{sign} {words[kind]}"
            if sum(len(text) + _AROUND for text in words.values()) <= width:
                return words
    return None
