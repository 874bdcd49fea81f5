"""Many images as a cloud of braille dots: how thick it is, and of which kind each cell is most of all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.app.plane.plane import Plane, Whole
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.plots.canvas import ACROSS, DOWN
from dejavu_tui.records import KINDS

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.int64)
_ORDER = np.array([[0, 4], [6, 2], [1, 5], [7, 3]])
"""In which order the dots of a cell are set as the cloud thickens."""
_BRAILLE = 0x2800
_ROOMY = 12
"""With so many cells for each one that is not empty, cells show signs instead of dots."""
NOTHING = -1
"""The kind of an empty cell."""


@dataclass(frozen=True)
class Cloud:
    """Images on a Plane of `rows` x `columns` cells.

    `kind` (rows, columns): place in KINDS of the kind that most images of a cell have, of equally many the first;
    NOTHING where the cell is empty. `text` (rows, columns): its character. `number` (rows, columns): its images.
    `dot` (n,): the dot of each image, counted along the rows of dots, `width` in each. `taken`: those dots, rising.
    """

    kind: Whole
    text: NDArray[np.str_]
    number: Whole
    dot: Whole
    taken: Whole
    width: int

    def nearest(self, to: tuple[int, int]) -> int | None:
        """Return the place of the image nearest to the dot `to` (column, row), of several on one dot the first."""
        if not len(self.taken):
            return None
        down, across = np.divmod(self.taken, self.width)
        spot = self.taken[((across - to[0]) ** 2 + (down - to[1]) ** 2).argmin()]
        return int((self.dot == spot).argmax())


def cloud(plane: Plane, across: Whole, down: Whole, kind: Whole) -> Cloud:
    """Return the cloud of images at dots (`across`, `down`), each (n,), of the kinds KINDS[`kind`], (n,)."""
    shape = plane.rows, plane.columns
    cells = (down // DOWN) * plane.columns + across // ACROSS
    per_kind = np.bincount(cells * len(KINDS) + kind, minlength=plane.rows * plane.columns * len(KINDS))
    per_kind = per_kind.reshape(*shape, len(KINDS))
    number = per_kind.sum(axis=-1)
    kinds = np.where(number == 0, NOTHING, per_kind.argmax(axis=-1))
    dot = down * plane.width + across
    counts = np.bincount(dot, minlength=plane.width * plane.height)
    if (number > 0).sum() * _ROOMY <= number.size:
        text = np.array([*KIND_SIGNS.values(), " "])[kinds]
    else:
        dots = thinned(counts.reshape(plane.height, plane.width)).astype(np.int64)
        codes = (_in_cells(dots) * _BITS).sum(axis=(-2, -1))
        text = np.where(number == 0, " ", (codes + _BRAILLE).astype(np.uint32).view("<U1").reshape(shape))
    return Cloud(kinds, text, number, dot, np.flatnonzero(counts), plane.width)


def thinned(counts: Whole) -> NDArray[np.bool_]:
    """Return which dots of `counts` (images at each dot; height, width) are set.

    Where few images overlap, each dot that has one. Else the more of its dots a cell sets, the thicker the cloud is
    there against everywhere else; one dot at least, the one of the most images.
    """
    taken = counts[counts > 0]
    if not len(taken) or np.median(taken) == 1:
        return counts > 0
    cells = _in_cells(counts).reshape(-1, _ORDER.size)  # (cells, 8)
    dots = (cells > 0) & (cells >= np.quantile(taken, _ORDER / _ORDER.size).ravel())
    dots[np.arange(len(cells)), cells.argmax(axis=1)] |= cells.any(axis=1)
    whole = dots.reshape(counts.shape[0] // DOWN, counts.shape[1] // ACROSS, DOWN, ACROSS)
    return whole.swapaxes(1, 2).reshape(counts.shape)


def _in_cells(dots: Whole) -> Whole:
    """Return `dots` (height, width) as (rows, columns, 4, 2)."""
    height, width = dots.shape
    return dots.reshape(height // DOWN, DOWN, width // ACROSS, ACROSS).swapaxes(1, 2)
