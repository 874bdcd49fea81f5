"""Pictures by Sixel, encoded by textual-image; imported only where it is installed and wanted."""

from PIL import Image
from textual.app import ComposeResult
from textual_image import _terminal

from dejavu_tui.app.pixels.cell import cell_size
from dejavu_tui.app.widgets.sharp import SharpPicture


def _tell_cell() -> None:
    setattr(_terminal.get_cell_size, "_result", _terminal.CellSize(*cell_size()))  # noqa: B010  where it looks


_tell_cell()  # before its widgets are loaded, or they would ask the terminal again and wait for an answer
from textual_image.widget import SixelImage  # noqa: E402


class SixelPicture(SharpPicture):
    """A picture that is part of the text the terminal gets."""

    DEFAULT_CSS = """
    SixelPicture { align: left top; }
    SixelPicture > .pixels { display: none; }
    """

    def compose(self) -> ComposeResult:
        """The widget that sends the pixels."""
        yield SixelImage(classes="pixels")

    def send(self, picture: Image.Image) -> None:
        """Hand `picture` over."""
        width, height = cell_size()
        _tell_cell()
        pixels = self.query_one(SixelImage)
        pixels.styles.width = max(1, round(picture.width / width))
        pixels.styles.height = max(1, round(picture.height / height))
        pixels.display = True
        pixels.image = picture

    def clear(self) -> None:
        """Take the pixels away, so that words can be read."""
        for pixels in self.query(SixelImage):
            pixels.display = False
