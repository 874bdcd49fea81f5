"""What pictures in the terminal's own pixels have in common, whatever the protocol."""

from PIL import Image

from dejavu_tui.app.pixels.cell import cell_size
from dejavu_tui.app.widgets.picture import Picture


class SharpPicture(Picture):
    """A picture drawn by the terminal itself; words stay text.

    Under a dialog nothing is drawn: the terminal would paint over its text.
    """

    def on_mount(self) -> None:
        """Be told when a dialog opens over this screen, and when it has closed."""
        self.watch(self.screen, "stack_updates", self._covered, init=False)

    def on_unmount(self) -> None:
        """Leave no pixels behind."""
        self.clear()

    def into(self) -> tuple[int, int]:
        """Return the size of this place in pixels of the terminal."""
        width, height = cell_size()
        return self.size.width * width, self.size.height * height

    def paint(self, picture: Image.Image) -> None:
        """Bring `picture` to the screen, unless a dialog lies over it."""
        self._lines = []
        if self.screen.is_active:
            self.send(picture)
        else:
            self.clear()
        self.refresh()

    def send(self, picture: Image.Image) -> None:
        """Give `picture` to the terminal."""
        raise NotImplementedError

    def _covered(self) -> None:
        self._show(self._shown)
