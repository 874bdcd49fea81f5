"""Pictures by the Kitty graphics protocol: sent once under a number, then drawn where placeholder characters stand.

https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

import os
import zlib
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from itertools import count
from random import randrange
from unicodedata import combining, decomposition

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dejavu_tui.app.pixels.cell import cell_size
from dejavu_tui.app.widgets.sharp import SharpPicture

_PLACEHOLDER = "\U0010eeee"
_CHUNK = 4096
"""Bytes of base64 that one command may carry."""
_MOST = 129
"""Rows and columns that the diacritics below can count."""
_numbers = count(randrange(1 << 16, 1 << 23))
"""Numbers of pictures, of 24 bits, far from those that other programs in the same terminal count from 1."""


class KittyPicture(SharpPicture):
    """A picture that the terminal holds; the former one is deleted once the new one is on the screen."""

    _number: int | None = None

    def into(self) -> tuple[int, int]:
        """Return the size of this place in pixels, as far as cells can be counted."""
        (width, height), cell = super().into(), cell_size()
        return min(width, _MOST * cell[0]), min(height, _MOST * cell[1])

    def send(self, picture: Image.Image) -> None:
        """Send `picture` under a new number and draw its placeholders."""
        cell = cell_size()
        columns, rows = -(-picture.width // cell[0]), -(-picture.height // cell[1])
        canvas = Image.new("RGBA", (columns * cell[0], rows * cell[1]))
        canvas.paste(picture, (0, 0))
        former, self._number = self._number, next(_numbers)
        self._write(transmission(canvas, number=self._number, columns=columns, rows=rows))
        style = self.visual_style.rich_style
        rest = Segment(" " * (self.size.width - columns), style)
        self._lines = [
            Strip([Segment(line, style + number_style(self._number)), rest], self.size.width)
            for line in placeholders(columns, rows)
        ]
        self.call_after_refresh(self._delete, former)

    def clear(self) -> None:
        """Let the terminal forget the picture."""
        former, self._number = self._number, None
        self._delete(former)

    def _delete(self, number: int | None) -> None:
        if number is not None:
            self._write([f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"])

    def _write(self, commands: Iterator[str] | list[str]) -> None:
        driver = self.app._driver
        if driver is not None:
            driver.write("".join(passed(command) for command in commands))


def transmission(canvas: Image.Image, *, number: int, columns: int, rows: int) -> Iterator[str]:
    """Yield the commands that give RGBA `canvas` to the terminal, to be drawn in `columns` x `rows` cells."""
    data = b64encode(zlib.compress(canvas.tobytes(), level=1)).decode()
    keys = f"a=T,U=1,i={number},f=32,o=z,s={canvas.width},v={canvas.height},c={columns},r={rows},q=2,"
    for start in range(0, len(data), _CHUNK):
        more = int(start + _CHUNK < len(data))
        yield f"\x1b_G{keys}m={more};{data[start : start + _CHUNK]}\x1b\\"
        keys = "q=2,"


def placeholders(columns: int, rows: int) -> list[str]:
    """Return the characters of each row; each counts its own row and column, so that any part can be drawn."""
    marks = diacritics()
    return ["".join(_PLACEHOLDER + marks[row] + marks[column] for column in range(columns)) for row in range(rows)]


def number_style(number: int) -> Style:
    """Return the colour that tells the terminal which picture is meant."""
    return Style(color=Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255))


@cache
def diacritics() -> str:
    """Return the characters that count rows and columns from 0.

    By the protocol: marks above (class 230) in the order of Unicode that are no part of a precomposed character.
    """
    parts = {
        part
        for code in range(0xC0, 0x2000)
        for part in decomposition(chr(code)).split()
        if not decomposition(chr(code)).startswith("<")
    }
    above = [code for code in range(0x300, 0x82E) if combining(chr(code)) == 230]
    return "".join(chr(code) for code in above if f"{code:04X}" not in parts and not decomposition(chr(code)))


def passed(command: str) -> str:
    """Return `command` so that tmux hands it on to the terminal around it, where there is one."""
    if not os.environ.get("TMUX"):
        return command
    return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
