"""A field of braille characters: two by four dots in each cell, and one tone for each cell."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.plots.chart import Tone

ACROSS, DOWN = 2, 4
"""Dots in a cell."""
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_EMPTY = 0x2800
_NONE = -1
"""No field is here."""

Pattern = Callable[[int, int], bool]
"""Tells of a dot (x, y) whether it belongs to a filled field."""


class Canvas:
    """Dots count from the upper left; what lies outside is not drawn. What is drawn later lies above."""

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = columns * ACROSS, rows * DOWN
        self._dots: NDArray[np.bool_] = np.zeros((self.height, self.width), dtype=np.bool_)
        self._fields: NDArray[np.int64] = np.full((self.height, self.width), _NONE)
        self._fills: list[Tone] = []
        self._tones: list[list[Tone | None]] = [[None] * columns for _ in range(rows)]
        self._signs: dict[tuple[int, int], str] = {}

    def fill(self, x: int, top: int, bottom: int, *, tone: Tone, pattern: Pattern) -> None:
        """Fill the dots of column `x` from `top` to `bottom`, both included, with `pattern`."""
        if tone not in self._fills:
            self._fills.append(tone)
        for y in range(max(top, 0), min(bottom, self.height - 1) + 1):
            if 0 <= x < self.width:
                self._fields[y, x] = self._fills.index(tone)
                self._dots[y, x] = pattern(x, y)

    def dot(self, x: int, y: int, *, tone: Tone | None) -> None:
        """Set one dot; a filled field makes room for it in its cell."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        row, column = y // DOWN, x // ACROSS
        cell = np.s_[row * DOWN : (row + 1) * DOWN, column * ACROSS : (column + 1) * ACROSS]
        if (self._fields[cell] != _NONE).any():
            self._fields[cell] = _NONE
            self._dots[cell] = False
        self._dots[y, x] = True
        self._tones[row][column] = tone or self._tones[row][column]

    def line(
        self, start: tuple[int, int], end: tuple[int, int], *, tone: Tone | None, dash: int = 0, phase: int = 0
    ) -> int:
        """Join two dots, in dashes of `dash` dots (0: without gaps); return the phase for the next piece."""
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
        for step in range(steps + 1):
            if not dash or (phase + step) // dash % 2 == 0:
                x = start[0] + round((end[0] - start[0]) * step / steps)
                y = start[1] + round((end[1] - start[1]) * step / steps)
                self.dot(x, y, tone=tone)
        return phase + steps

    def sign(self, x: int, y: int, text: str, *, tone: Tone) -> None:
        """Put the character `text` into the cell of dot (x, y), above all dots."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._signs[y // DOWN, x // ACROSS] = text
            self._tones[y // DOWN][x // ACROSS] = tone

    def cells(self, row: int) -> list[tuple[str, Tone | None]]:
        """Return character and tone of each cell of `row`; an empty cell is a space.

        A cell of several fields has the tone of the largest part, of equal parts that of the first one filled.
        """
        rows = slice(row * DOWN, (row + 1) * DOWN)
        dots = self._dots[rows].reshape(DOWN, -1, ACROSS)  # (4, columns, 2)
        fields = self._fields[rows].reshape(DOWN, -1, ACROSS)
        codes = (dots * _BITS[:, None, :]).sum(axis=(0, 2))
        sizes = [(fields == place).sum(axis=(0, 2)) for place in range(len(self._fills))]
        cells = []
        for column, (code, tone) in enumerate(zip(codes, self._tones[row], strict=True)):
            parts = [int(size[column]) for size in sizes]
            largest = self._fills[parts.index(max(parts))] if any(parts) else None
            text = self._signs.get((row, column)) or (chr(_EMPTY + int(code)) if code else " ")
            cells.append((text, tone or largest))
        return cells
