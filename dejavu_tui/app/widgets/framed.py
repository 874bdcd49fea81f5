"""A picture with the crop that is asked about as a frame over it, which the mouse can draw anew."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.message import Message

from dejavu_tui.app.acts.asking import Asked
from dejavu_tui.app.pixels.cropframe import CropFrame
from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.pixels.raster import CROP_COLOUR, Mark, fit
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.words.querylines import legend
from dejavu_tui.images.boxes import Box


class FramedPicture(Vertical):
    """The picture, and below it what the frame holds."""

    @dataclass
    class Drawn(Message):
        """A frame was drawn with the mouse, from one corner to the one across."""

        box: Box

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._picture = pictures(gallery)
        self._legend = Fitted(classes="legend")
        self._now: tuple[Asked, CropFrame] | None = None
        self._grip: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        """Picture above, words below."""
        yield self._picture
        yield self._legend

    def show(self, asked: Asked, frame: CropFrame) -> None:
        """Show a picture and the frame."""
        self._now = asked, frame
        box = frame.box
        mark = Mark((box.x0, box.y0, box.x1, box.y1), CROP_COLOUR, dashed=False)
        self._picture.ask(asked.path, marks=() if frame.whole else (mark,))
        self._legend.write(lambda width: legend(asked, frame, width=width))

    def on_mouse_down(self, event: MouseDown) -> None:
        """Here is a corner."""
        self._grip = self._pixel(event)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Here is the corner across."""
        here = self._pixel(event)
        if self._grip is None or here is None:
            return
        (x0, x1), (y0, y1) = sorted((self._grip[0], here[0])), sorted((self._grip[1], here[1]))
        if x1 > x0 and y1 > y0:
            self.post_message(self.Drawn(Box(x0, y0, x1, y1)))

    def on_mouse_up(self, _: MouseUp) -> None:
        """The frame is drawn."""
        self._grip = None

    def on_leave(self) -> None:
        """A button that is let go elsewhere is not seen."""
        self._grip = None

    def _pixel(self, event: MouseEvent) -> tuple[int, int] | None:
        """Return the pixel of the picture under the mouse; beside the picture the nearest edge, after its last."""
        place = self._picture.region
        if self._now is None or not place.contains_point(event.screen_offset):
            return None
        asked, (width, height) = self._now[0], self._picture.into()
        shown = fit(asked.width, asked.height, into=(width, height))
        at = event.screen_offset - place.offset
        x = at.x * width / place.width / shown[0] * asked.width
        y = at.y * height / place.height / shown[1] * asked.height
        return min(round(x), asked.width), min(round(y), asked.height)
