"""What screens do with the images that they list: select them, one by one and as ranges; they filter them too."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.content import Content

from dejavu_tui.app.acts.filtering import FilteringScreen
from dejavu_tui.app.acts.handling import HandlingScreen
from dejavu_tui.app.desk import Desk
from dejavu_tui.listing.places import Listing


class SelectingScreen(FilteringScreen, HandlingScreen):
    """A screen with a cursor on `desk.image_id`. It draws `desk.selected`, `desk.tags` and `between`.

    A subclass says how the cursor goes on (`go_on`) and calls `moved` when the cursor has moved; `remark` draws the
    marks anew (unless it is overridden, all).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Select", key_display="spc", id="select",
                tooltip="Select the image, or take it out; ends a range"),
        Binding("v", "range", "Range", show=False, id="range",
                tooltip="Select from here to where v is pressed again"),
        Binding("i", "invert", "Invert", show=False, id="invert", tooltip="Select what is listed and not selected"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._begun: int | None = None

    def go_on(self) -> None:
        """Move the cursor to the next image."""
        raise NotImplementedError

    def remark(self) -> None:
        """Draw anew which images are selected."""
        self.changed()

    def moved(self) -> None:
        """The cursor has moved: a range that was begun ends there by now."""
        if self._begun is not None:
            self.remark()
            self.tell()

    def ask(self, listing: Listing) -> None:
        """List something else; a range that was begun is none any more."""
        self._begun = None
        super().ask(listing)

    def count(self) -> Content:
        """How many are listed, selected, and in the range that is being made."""
        counted = super().count()
        inside = len(self.between)
        return Content.styled(f"range of {inside:,}  ", "bold $text-warning") + counted if inside else counted

    @property
    def between(self) -> range:
        """Places in `desk.listed` from where a range was begun to the cursor; none: no range is being made."""
        here = self.desk.row
        if self._begun is None or here is None:
            return range(0)
        found = np.flatnonzero(self.desk.listed == self._begun)
        if not len(found):
            return range(0)
        begun = int(found[0])
        return range(min(begun, here), max(begun, here) + 1)

    def chosen(self) -> tuple[int, ...]:
        """Return the ids that are meant: of the selected images, a range being made with them; none: this one, if
        it is listed.
        """
        self._end_range()
        return tuple(self.desk.selected) if self.desk.row is None else super().chosen()

    def taking(self) -> str:
        """How many images enter takes, when images are picked."""
        desk, between = self.desk, self.between
        inside = desk.listed[between.start : between.stop]
        new = int((~np.isin(inside, list(desk.selected))).sum())
        return f"enter takes {len(desk.selected) + new or min(len(desk.listed), 1):,}"

    def action_select(self) -> None:
        """Select the image, or take it out, and go on to the next; a range that is being made is selected."""
        if self._end_range():
            return
        here = self.desk.row
        if here is not None:
            image_id = int(self.desk.listed[here])
            self._select([image_id], on=image_id not in self.desk.selected)
            self.go_on()

    def action_range(self) -> None:
        """Begin a range at the cursor, or select what is in it."""
        if not self._end_range() and self.desk.row is not None:
            self._begun = self.desk.image_id
            self.remark()
            self.tell()

    def action_back(self) -> None:
        """Give up a range, else as everywhere."""
        if self._begun is not None:
            self._begun = None
            self.remark()
            self.tell()
        else:
            super().action_back()

    def action_invert(self) -> None:
        """Select what is listed and was not selected, and take out what was."""
        self._begun = None
        listed = self.desk.listed.tolist()
        was = [image_id for image_id in listed if image_id in self.desk.selected]
        now = [image_id for image_id in listed if image_id not in self.desk.selected]
        self.desk.select(was, on=False)
        self._select(now, on=True)

    def action_unselect(self) -> None:
        """Select nothing."""
        self._begun = None
        self._select(list(self.desk.selected), on=False)

    def action_export(self) -> None:
        """Ask as what and where the chosen images are written; if none is selected, whether all that are listed."""
        image_ids = self.chosen()
        if self.desk.selected or not image_ids:
            super().action_export()
        else:
            self._exporter.ask_which(self.app, image_ids[0], listed=self.desk.listed.tolist())

    def _end_range(self) -> bool:
        """Select what is in the range that is being made; tell whether there was one."""
        inside = self.between
        self._begun = None
        if not inside:
            return False
        self._select(self.desk.listed[inside.start : inside.stop].tolist(), on=True)
        return True

    def _select(self, image_ids: Sequence[int], *, on: bool) -> None:
        self.desk.select(image_ids, on=on)
        self.remark()
        self.tell()
