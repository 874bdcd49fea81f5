"""Screens on which one image is looked at: on to the next that is listed, to any other, into the selection."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from dejavu_tui.app.acts.handling import HandlingScreen
from dejavu_tui.app.acts.jumping import JumpingScreen


class WalkingScreen(HandlingScreen, JumpingScreen):
    """A screen on `desk.image_id`; `changed` draws another image."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "image(-1)", "Image", key_display="↑ ↓", id="image_before",
                tooltip="The image before, of those that are listed; k too"),
        Binding("down,j", "image(1)", "Image after", show=False, key_display="↓", id="image_after",
                tooltip="The image after, of those that are listed; j too"),
        Binding("pageup", "image(-10)", "Ten before", show=False, id="image_ten_before",
                tooltip="Ten images back"),
        Binding("pagedown", "image(10)", "Ten after", show=False, id="image_ten_after", tooltip="Ten images on"),
        Binding("less_than_sign", "end(0)", "First", show=False, key_display="<", id="image_first",
                tooltip="The first image that is listed"),
        Binding("greater_than_sign", "end(-1)", "Last", show=False, key_display=">", id="image_last",
                tooltip="The last image that is listed"),
        Binding("space", "mark", "Select", show=False, key_display="spc", id="image_mark",
                tooltip="Select the image, or take it out of the selection"),
    ]  # fmt: skip

    def action_image(self, by: int) -> None:
        """Go `by` images on in what is listed; one that is not listed is left for the first."""
        row, number = self.desk.row, len(self.desk.listed)
        if number:
            self._look(0 if row is None else min(max(row + by, 0), number - 1))

    def action_end(self, place: int) -> None:
        """Go to the first or last image that is listed."""
        if len(self.desk.listed):
            self._look(place)

    def action_mark(self) -> None:
        """Select the image, or take it out."""
        image_id = self.desk.image_id
        if image_id is not None:
            self.desk.select([image_id], on=image_id not in self.desk.selected)
            self.changed()

    def _look(self, place: int) -> None:
        self.desk.image_id = int(self.desk.listed[place])
        self.changed()
