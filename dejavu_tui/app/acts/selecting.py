"""What screens do with the images that they list: select, tag, take out; they filter them too."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.content import Content

from dejavu_tui.app.acts.exporting import Exporter
from dejavu_tui.app.acts.filtering import FilteringScreen
from dejavu_tui.app.acts.tagging import Tagger
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.prompts import Ask, Choose
from dejavu_tui.app.words import lines
from dejavu_tui.errors import RequestError
from dejavu_tui.listing.places import Listing
from dejavu_tui.listing.tags import checked_tag


class SelectingScreen(FilteringScreen):
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
        Binding("u", "unselect", "Unselect", show=False, id="unselect", tooltip="Select nothing"),
        Binding("t", "tag", "Tag", id="tag", tooltip="Tag the selected images, or this one"),
        Binding("T", "untag", "Untag", show=False, id="untag", tooltip="Take a tag from them"),
        Binding("z", "undo", "Undo", show=False, id="undo", tooltip="Undo the last tagging"),
        Binding("x", "export", "Export", show=False, id="export",
                tooltip="Write them as a table, a list, a sheet or links"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

        def say(text: str, bad: bool) -> None:
            self.say(text, bad=bad)

        self._tagger = Tagger(desk, self.errands, changed=self.changed, say=say)
        self._exporter = Exporter(desk, self.errands, told=self.tell, say=say)
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

    def on_screen_resume(self) -> None:
        """Read the tags: other screens and other processes tag too."""
        self._tagger.read()

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
        """Return the ids that are meant: of the selected images, a range being made with them; none: this one."""
        self._end_range()
        here = self.desk.row
        if self.desk.selected or here is None:
            return tuple(self.desk.selected)
        return (int(self.desk.listed[here]),)

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

    def action_tag(self) -> None:
        """Ask for a tag and give it to the chosen images."""
        image_ids = self.chosen()

        def refuse(typed: str) -> str | None:
            try:
                checked_tag(typed.strip())
            except RequestError as error:
                return f"{error.what}; {error.fix}"
            return None

        def named(typed: str | None) -> None:
            if typed is not None:
                self._tagger.tag(image_ids, tag=typed.strip())

        if image_ids:
            question = f"Tag {lines.images(len(image_ids))} with which word?"
            self.app.push_screen(Ask(question, known=tuple(self._tagger.known), refuse=refuse), named)

    def action_untag(self) -> None:
        """Ask which tag is taken from the chosen images."""
        image_ids = self.chosen()
        tags = self._tagger.of(image_ids)

        def chosen(place: int | None) -> None:
            if place is not None:
                self._tagger.untag(image_ids, tag=list(tags)[place])

        if tags:
            question = f"Take which tag from {lines.images(len(image_ids))}?"
            options = [lines.option(tag, number, most=len(image_ids)) for tag, number in tags.items()]
            self.app.push_screen(Choose(question, options), chosen)
        else:
            self.say(f"No tag on {lines.images(len(image_ids))}.")

    def action_undo(self) -> None:
        """Undo the last tagging, wherever it was done."""
        self._tagger.undo()

    def action_export(self) -> None:
        """Ask as what and where the chosen images are written."""
        image_ids = self.chosen()
        if image_ids:
            self._exporter.ask(self.app, image_ids)

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
