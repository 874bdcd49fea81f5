"""How large a cell of the terminal is, in pixels: sharp pictures are made for it."""

import fcntl
import os
import struct
import sys
import termios

_COMMON = (10, 20)
"""The size that is taken for terminals that tell none; the VT340 had it."""
_VARIABLES = ("TEXTUAL_CELL_WIDTH", "TEXTUAL_CELL_HEIGHT")
_told: tuple[int, int] | None = None
"""What the one terminal of this process answered."""


def cell_size() -> tuple[int, int]:
    """Return width and height of a cell in pixels, now: the user may have chosen another font.

    In this order: the environment (TEXTUAL_CELL_WIDTH and TEXTUAL_CELL_HEIGHT), the terminal's driver, what the
    terminal said when it was asked (`remember`), 10 x 20.
    """
    return _from_environment() or _from_driver() or _told or _COMMON


def remember(width: int, height: int) -> None:
    """Keep what the terminal answered before the app started; sizes of 0 are no answer."""
    global _told
    _told = (width, height) if width > 0 and height > 0 else None


def _from_environment() -> tuple[int, int] | None:
    values = [os.environ.get(name, "") for name in _VARIABLES]
    if not all(value.isascii() and value.isdecimal() and 0 < len(value) < 4 for value in values):
        return None
    width, height = map(int, values)
    return (width, height) if width and height else None


def _from_driver() -> tuple[int, int] | None:
    try:
        answer = fcntl.ioctl(sys.__stderr__.fileno(), termios.TIOCGWINSZ, b"\0" * 8)  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", answer)
    if not (rows and columns) or width < columns or height < rows:
        return None
    return width // columns, height // rows
