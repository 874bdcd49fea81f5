"""Screens on a picture with a crop frame over it: the keys that move and size the frame."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from dejavu_tui.app.acts.asking import Asked
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.cropframe import CropFrame, whole
from dejavu_tui.app.tabscreen import TabScreen
from dejavu_tui.app.widgets.framed import FramedPicture


class FramingScreen(TabScreen):
    """A screen with a FramedPicture; `framed` is called when the frame has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "Move", key_display="←↑↓→", id="crop_left",
                tooltip="Move the crop to the left; h too"),
        Binding("right,l", "move(1, 0)", "Right", show=False, key_display="→", id="crop_right",
                tooltip="Move the crop to the right; l too"),
        Binding("up,k", "move(0, -1)", "Up", show=False, key_display="↑", id="crop_up",
                tooltip="Move the crop up; k too"),
        Binding("down,j", "move(0, 1)", "Down", show=False, key_display="↓", id="crop_down",
                tooltip="Move the crop down; j too"),
        Binding("shift+left,left_parenthesis", "size(-1, 0)", "Size", key_display="⇧←", id="crop_narrower",
                tooltip="Make the crop narrower; ( too"),
        Binding("shift+right,right_parenthesis", "size(1, 0)", "Wider", show=False, key_display="⇧→",
                id="crop_wider", tooltip="Make the crop wider; ) too"),
        Binding("shift+up,left_curly_bracket", "size(0, -1)", "Lower", show=False, key_display="⇧↑",
                id="crop_lower", tooltip="Make the crop less high; { too"),
        Binding("shift+down,right_curly_bracket", "size(0, 1)", "Higher", show=False, key_display="⇧↓",
                id="crop_higher", tooltip="Make the crop higher; } too"),
        Binding("w", "whole", "Whole", id="crop_whole", tooltip="The whole picture"),
        Binding("p", "preset", "Preset", id="crop_preset",
                tooltip="The next preset: crop and objects of the audit, corners, middle"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.asked: Asked | None = None
        self.frame: CropFrame | None = None
        self._preset = 0

    def framed(self) -> None:
        """Show the frame as it is now."""
        raise NotImplementedError

    def put_on(self, asked: Asked) -> None:
        """Take another picture, the frame around all of it."""
        self.asked, self.frame, self._preset = asked, whole(asked.width, asked.height), 0

    def on_framed_picture_drawn(self, event: FramedPicture.Drawn) -> None:
        """The crop was drawn with the mouse."""
        if self.frame is not None:
            self._put(self.frame.put(event.box))

    def action_move(self, across: int, down: int) -> None:
        """Move the crop."""
        if self.frame is not None:
            self._put(self.frame.moved(across, down))

    def action_size(self, across: int, down: int) -> None:
        """Resize the crop."""
        if self.frame is not None:
            self._put(self.frame.resized(across, down))

    def action_whole(self) -> None:
        """The whole picture."""
        if self.asked is not None:
            self._preset = 0
            self._put(whole(self.asked.width, self.asked.height))

    def action_preset(self) -> None:
        """The next crop that is worth asking about."""
        if self.asked is not None and self.frame is not None:
            self._preset = (self._preset + 1) % len(self.asked.crops)
            self._put(self.frame.put(self.asked.crops[self._preset][1]))

    def _put(self, frame: CropFrame) -> None:
        if frame != self.frame:
            self.frame = frame
            self.framed()
