"""The first line: a tab for each screen, and where we are."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from dejavu_tui.app.words.names import short
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView

_ROOM = 26
"""Cells that are kept for run and epoch before tabs get their whole names."""
_LONGEST_RUN = 40


class Tab(Static):
    """One tab; a click leads to its screen."""

    def __init__(self, name: str, letter: str) -> None:
        super().__init__()
        self.screen_name = name
        self.letter = letter
        self._whole: bool | None = None

    def on_click(self) -> None:
        """Go there."""
        self.post_message(TabLine.Chosen(self.screen_name))

    def show(self, *, whole: bool) -> None:
        """Write the name, its letter set off, or only the letter."""
        if whole == self._whole:
            return
        self._whole = whole
        title = self.screen_name.capitalize()
        at = title.lower().index(self.letter.lower())
        if whole:
            shown = Content.assemble(title[:at], (title[at], "bold $text-accent"), title[at + 1 :])
        else:
            shown = Content.styled(self.letter.upper(), "bold $text-accent")
        self.update(Content.assemble(" ", shown, " "))


class TabLine(Horizontal):
    """Tabs at the left; run, epoch and layer, or what is being done, at the right."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        name: str

    def __init__(self, here: str, tabs: Sequence[tuple[str, str]]) -> None:
        """`tabs`: name and letter of each screen; `here` is the name of the one in front."""
        super().__init__()
        self._here = here
        self._tabs = tabs

    def compose(self) -> ComposeResult:
        """One tab a screen."""
        for name, letter in self._tabs:
            tab = Tab(name, letter)
            tab.set_class(name == self._here, "-here")
            yield tab
        yield Static(id="place")

    def show(self, view: BrowseView, *, busy: str, width: int) -> None:
        """Write where we are: the snapshot `view`, and what is being done."""
        tabs = list(self.query(Tab))
        whole = sum(len(tab.screen_name) + 2 for tab in tabs) + _ROOM <= width
        for tab in tabs:
            tab.show(whole=whole or tab.has_class("-here"))
        used = sum(len(tab.screen_name) + 2 if whole or tab.has_class("-here") else 3 for tab in tabs)
        self.query_one("#place", Static).update(place(view, busy=busy, room=max(width - used - 1, 1)), layout=False)


def place(view: BrowseView, *, busy: str, room: int) -> Content:
    """Return at most `room` cells: the epoch always, then the run, then layer and k.

    Before the run is cut, the epoch stands as `@800`.
    """
    if busy:
        shown = Content.assemble((safe_text(busy), "bold $text-warning"))
        return shown.truncate(room, ellipsis=True)
    run = short(view.run, _LONGEST_RUN)
    epoch = f"  epoch {view.epoch}"
    if cell_len(run + epoch) > room:
        epoch = f" @{view.epoch}"
        run = short(view.run, max(min(room - len(epoch), _LONGEST_RUN), 1))
    shown = Content.assemble((run, "bold"), epoch)
    layer = f"  {safe_text(view.layer)}  k {view.k}"
    if shown.cell_length + len(layer) <= room:
        shown += Content.styled(layer, "$text-muted")
    return shown.truncate(room, ellipsis=True)
