"""The four kinds as a row of choices, with how many attacked images there are of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dejavu_tui.records import KINDS, Kind

_SHORT, _NARROW = 74, 54
"""Widths in cells below which the names of kinds that are not chosen are cut short, and left out."""


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
        self._shown: tuple[Mapping[Kind, int], Kind | None, int] | None = None

    def compose(self) -> ComposeResult:
        """Keys 1 to 4, and a for all."""
        for number, kind in enumerate(KINDS, start=1):
            yield KindChoice(str(number), kind)
        yield KindChoice("a", None)

    def show(self, counts: Mapping[Kind, int], chosen: Kind | None, *, width: int) -> None:
        """Write the numbers, of all kinds if `width` allows, and set off the chosen one."""
        if self._shown == (counts, chosen, width):
            return
        self._shown = dict(counts), chosen, width
        numbers: dict[Kind | None, int] = {None: sum(counts.values())}
        numbers.update(counts.items())
        full = sum(len(f"{kind or 'all'} {number:,}") + 5 for kind, number in numbers.items())
        for choice in self.query(KindChoice):
            here = choice.kind == chosen
            name = str(choice.kind or "all")
            if width >= full or (here and width >= _NARROW):
                name += f" {numbers[choice.kind]:,}"
            elif not here and width < _SHORT:
                name = name[:4] if width >= _NARROW else ""
            shown = Content.styled(name, "bold" if here else "$text-muted")
            choice.update(Content.assemble("▸" if here else " ", (choice.key, "bold $accent"), " ", shown, " "))
            choice.set_class(here, "-here")
