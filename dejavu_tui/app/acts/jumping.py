"""Screens on one image of a list: to an image by its id."""

from dataclasses import replace
from typing import ClassVar

import polars as pl
from textual.binding import Binding, BindingType

from dejavu_tui.app.dialogs.prompts import Ask
from dejavu_tui.app.tabscreen import TabScreen
from dejavu_tui.listing.language import Filter
from dejavu_tui.listing.places import Listing, replaced

_DIGITS = 19
"""An image id has fewer digits: it fits in 64 bits."""


class JumpingScreen(TabScreen):
    """A screen on `desk.image_id`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "jump", "Jump", show=False, id="jump", tooltip="Jump to an image id"),
    ]

    def ask(self, listing: Listing) -> None:
        """List something else; the image that is looked at stays in front where it can.

        Raises FilterError: a class in it that the audit does not have.
        """
        self.desk.ask(listing)
        self.changed()

    def action_jump(self) -> None:
        """Ask for an image id and go there; a filter that hides it is taken away."""

        def refuse(typed: str) -> str | None:
            number = typed.strip()
            if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS):
                return "An image id is a number."
            known = self.desk.view.samples["image_id"].to_numpy()
            return None if int(number) in known else f"Image {int(number)} is not attacked in this audit."

        def chosen(typed: str | None) -> None:
            if typed is not None:
                self.jump(int(typed))

        self.app.push_screen(Ask("Jump to which image id?", refuse=refuse), chosen)

    def jump(self, image_id: int) -> None:
        """Look at an attacked image; a filter that hides it is taken away."""
        self.desk.image_id = image_id
        if self.desk.row is None:
            row = self.desk.view.samples.row(by_predicate=pl.col("image_id") == image_id, named=True)
            control = replaced(Filter(()), "part", ("E",) if row["part"] == "E" else ())
            self.ask(replace(self.desk.listing, filter=control))
        else:
            self.changed()
