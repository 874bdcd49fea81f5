"""The views that are saved in the audit: show one, save what is listed, remove one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from dejavu_tui.listing.places import Listing
from dejavu_tui.text import safe_text

_NAME = 16
"""Cells that names take so that what follows stands below one another; longer ones take more."""


@dataclass(frozen=True)
class Wish:
    """What is to be done with the view `name`; to save, it is not named yet."""

    what: Literal["show", "save", "remove"]
    name: str = ""


class Views(ModalScreen[Wish | None]):
    """A list of the views; answers with what was wished. Esc leaves all as it was."""

    CSS: ClassVar[str] = "Views OptionList { text-wrap: nowrap; text-overflow: ellipsis; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("j", "move(1)", "Down"),
        Binding("k", "move(-1)", "Up"),
        Binding("n", "save", "New"),
        Binding("d,delete", "remove", "Remove"),
    ]

    def __init__(self, views: Mapping[str, Listing]) -> None:
        super().__init__(classes="prompt")
        self._views = views

    def compose(self) -> ComposeResult:
        """The views, and the keys."""
        with Vertical():
            yield Static(Content("Saved views"), classes="question")
            if self._views:
                room = min(max(map(len, self._views)), _NAME)
                yield OptionList(*(_line(name, one, room) for name, one in self._views.items()), markup=False)
                keys = "enter shows, n saves, d removes"
            else:
                keys = "None yet. n saves this listing."
            yield Static(Content(keys), classes="hint")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show this one."""
        self.dismiss(Wish("show", list(self._views)[event.option_index]))

    def action_save(self) -> None:
        """Save what is listed."""
        self.dismiss(Wish("save"))

    def action_remove(self) -> None:
        """Remove the one that is set off."""
        if self._views:
            place = self.query_one(OptionList).highlighted
            if place is not None:
                self.dismiss(Wish("remove", list(self._views)[place]))

    def action_move(self, by: int) -> None:
        """Go to the one below or above."""
        for shown in self.query(OptionList):
            if by > 0:
                shown.action_cursor_down()
            else:
                shown.action_cursor_up()


def _line(name: str, listing: Listing, room: int) -> Content:
    arrow = "▾" if listing.descending else "▴"
    shown = f"  {safe_text(str(listing.filter)) or 'all'}  {listing.sort}{arrow}"
    return Content.assemble((f"{safe_text(name):<{room}}", "bold"), (shown, "$text-muted"))
