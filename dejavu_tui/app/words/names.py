"""Names and messages in little room: cut in the middle, for what tells two of them apart is often the end."""

import re

from rich.cells import cell_len, chop_cells
from textual.content import Content

from dejavu_tui.text import safe_text

_ELLIPSIS = "…"
_LONGEST_WORD = 36
"""Cells of a word of a message, such as a path, at the most."""


def short(name: str, width: int) -> str:
    """Return `name`, safe to show, in at most `width` cells: `simclr-…-200`; both of its ends are seen."""
    return _cut(safe_text(name), width)


def message(text: str, width: int, *, lines: int) -> str:
    """Return `text`, safe to show, in at most so many `lines` of `width` cells, wrapped between words.

    Long paths in it are cut in the middle first, then the whole: it begins with what is wrong, and ends with what
    to do about it.
    """
    shown = safe_text(text)
    if _height(shown, width) > lines:
        longest = min(width, _LONGEST_WORD)
        shown = re.sub(r"\S+", lambda word: _cut(word.group(), longest), shown)
    room = width * lines
    whole = shown
    while _height(shown, width) > lines and room:
        shown = _cut(whole, room)
        room -= 1
    return shown


def _height(shown: str, width: int) -> int:
    return Content(shown).get_height({}, max(width, 1))


def _cut(shown: str, width: int) -> str:
    if cell_len(shown) <= width:
        return shown
    if width <= 1:
        return _ELLIPSIS[: max(width, 0)]
    tail = width // 2
    return _start(shown, width - 1 - tail) + _ELLIPSIS + _start(shown[::-1], tail)[::-1]


def _start(text: str, cells: int) -> str:
    """Return as much of the start of `text` as fits; combining marks count nothing and may change sides."""
    return chop_cells(text, cells)[0] if cells else ""
