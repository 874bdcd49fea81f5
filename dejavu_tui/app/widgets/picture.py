"""A place on the screen for one picture: half cells everywhere, sharper where the terminal can."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Literal

import numpy as np
from PIL import Image
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dejavu_tui.app.pixels.gallery import Gallery, Shown, Wanted
from dejavu_tui.app.pixels.raster import Mark, half_cells, to_256_colours
from dejavu_tui.app.samples import Box
from dejavu_tui.text import safe_text

Mode = Literal["kitty", "sixel", "half", "none"]
_PATIENCE = 0.15
"""Seconds for which the former picture stays while the next is made."""
_WORD = 8
"""Cells that most words fit in: in a place as narrow as that no margin is left beside them."""
_DIM = Style(dim=True)


class Picture(Widget):
    """Shows no picture, only the name of its file; the other kinds of picture add the pixels."""

    DEFAULT_CSS = "Picture { width: 1fr; height: 1fr; }"

    @dataclass
    class Made(Message):
        """A picture is ready."""

        wanted: Wanted
        shown: Shown

    def __init__(self, gallery: Gallery, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gallery = gallery
        self._asked: tuple[Path, tuple[Mark, ...], Box | None] | None = None
        self._wanted: Wanted | None = None
        self._shown: Shown | None = None
        self._lines: list[Strip] = []

    def ask(self, path: Path | None, *, marks: tuple[Mark, ...] = (), only: Box | None = None) -> None:
        """Show the image at `path`, or nothing."""
        self._asked = None if path is None else (path, marks, only)
        self._want()

    def foresee(self, path: Path, *, marks: tuple[Mark, ...] = (), only: Box | None = None) -> Wanted:
        """Return what `ask` with the same words would want here now, for `Gallery.prefetch`."""
        return Wanted(path, self.into(), marks, only)

    @property
    def shown(self) -> Shown | None:
        """What is on the screen: a picture, the reason why there is none, or nothing yet."""
        return self._shown

    @property
    def waiting(self) -> bool:
        """Whether a picture is being made."""
        return self._wanted is not None and self._shown is None

    def on_resize(self) -> None:
        """Make the picture anew for another size."""
        self._want()

    def on_picture_made(self, event: Made) -> None:
        """Show a picture that has come from a thread, unless another is wanted by now."""
        event.stop()
        if event.wanted == self._wanted:
            self._show(event.shown)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, or of the words that stand for it."""
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.visual_style.rich_style)

    def into(self) -> tuple[int, int]:
        """Return the size of this place in pixels."""
        return self.size.width, 2 * self.size.height

    def paint(self, picture: Image.Image) -> None:  # noqa: ARG002  here its name is all that is shown
        """Bring `picture`, not larger than `into()`, to the screen."""
        self._say(self._asked[0].name if self._asked else "")

    def clear(self) -> None:
        """Take the picture away."""

    def _want(self) -> None:
        if self._asked is None or not self.size.area:
            self._wanted = None
            self._show(None)
            return
        path, marks, only = self._asked
        wanted = self.foresee(path, marks=marks, only=only)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        shown = self._gallery.at_hand(wanted)
        if shown is not None:
            self._show(shown)
            return
        self._gallery.make(wanted, still=lambda: self._wanted == wanted, done=self._made)
        self._shown = None
        self.set_timer(_PATIENCE, lambda: self._wait_for(wanted))

    def _made(self, wanted: Wanted, shown: Shown) -> None:
        self.post_message(self.Made(wanted, shown))

    def _wait_for(self, wanted: Wanted) -> None:
        if wanted == self._wanted and self._shown is None:
            self._say("…")

    def _show(self, shown: Shown | None) -> None:
        self._shown = shown
        if isinstance(shown, Image.Image):
            self.paint(shown)
        else:
            self._say(shown or "")

    def _say(self, words: str) -> None:
        self.clear()
        width, height = self.size
        lines = wrap(safe_text(words), max(width - 2, min(width, _WORD), 1))[:height] if words else []
        top = (height - len(lines)) // 2
        style = self.visual_style.rich_style
        texts = [""] * top + [line.center(width)[:width] for line in lines]
        self._lines = [Strip([Segment(line.ljust(width), style + _DIM)], width) for line in texts]
        self.refresh()


class HalfCellPicture(Picture):
    """Two pixels a cell, in any terminal with colours."""

    def paint(self, picture: Image.Image) -> None:
        """Draw the half blocks of `picture` from the upper left corner on."""
        width = self.size.width
        style = self.visual_style.rich_style
        rest = Segment(" " * (width - picture.width), style)
        picture = picture.convert("RGB")
        if self.app.console.color_system == "256":
            picture = to_256_colours(picture)
        cells = half_cells(np.asarray(picture))
        if picture.height % 2:
            cells[-1] = list(Segment.apply_style(cells[-1], style))
        self._lines = [Strip([*line, rest], width) for line in cells]
        self.refresh()
