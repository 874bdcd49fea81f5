"""Pictures in the terminal's own pixels (Kitty or Sixel), by textual-image; not imported anywhere else.

Importing textual-image asks the terminal questions, so it has to happen before the app starts.
"""

from typing import ClassVar, Literal

from PIL import Image
from textual.app import ComposeResult
from textual.widget import Widget
from textual_image._terminal import get_cell_size
from textual_image.widget import SixelImage, TGPImage

from dejavu_tui.app.widgets.picture import Picture


class SharpPicture(Picture):
    """A picture drawn by the terminal itself; words stay text."""

    DEFAULT_CSS = """
    SharpPicture { align: left top; }
    SharpPicture > .pixels { display: none; }
    """
    PIXELS: ClassVar[type[Widget]]

    def compose(self) -> ComposeResult:
        """The widget that sends the pixels."""
        yield self.PIXELS(classes="pixels")

    def into(self) -> tuple[int, int]:
        """Return the size of this place in pixels of the terminal."""
        cell = get_cell_size()
        return self.size.width * cell.width, self.size.height * cell.height

    def paint(self, picture: Image.Image) -> None:
        """Hand `picture` over."""
        self._lines = []
        cell = get_cell_size()
        pixels = self.query_one(".pixels")
        pixels.styles.width = max(1, round(picture.width / cell.width))
        pixels.styles.height = max(1, round(picture.height / cell.height))
        pixels.display = True
        setattr(pixels, "image", picture)  # noqa: B010  the widget classes are known only at run time
        self.refresh()

    def clear(self) -> None:
        """Take the pixels away, so that words can be read."""
        for pixels in self.query(".pixels"):
            pixels.display = False


class KittyPicture(SharpPicture):
    """By the Kitty graphics protocol."""

    PIXELS = TGPImage


class SixelPicture(SharpPicture):
    """By Sixel."""

    PIXELS = SixelImage


def sharp_class(mode: Literal["kitty", "sixel"]) -> type[SharpPicture]:
    """Return the widget for pictures of `mode`."""
    return KittyPicture if mode == "kitty" else SixelPicture
