"""Many images as a cloud of braille dots: how thick it is, and of which kind each cell is most of all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.app.plane import Plane, Whole
from dejavu_tui.app.signs import KIND_SIGNS
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
    """Images on a Plane of `rows` x `columns` cells. `kind`: place in KINDS of the kind that most images of a cell
    have, of equally many the first; NOTHING where the cell is empty. `text`: the character of each cell.
    """

    kind: NDArray[np.int64]
    text: NDArray[np.str_]


def cloud(plane: Plane, across: Whole, down: Whole, kind: Whole) -> Cloud:
    """Return the cloud of images at dots (`across`, `down`), each (n,), of the kinds KINDS[`kind`], (n,)."""
    shape = plane.rows, plane.columns
    cells = (down // DOWN) * plane.columns + across // ACROSS
    per_kind = np.bincount(cells * len(KINDS) + kind, minlength=plane.rows * plane.columns * len(KINDS))
    per_kind = per_kind.reshape(*shape, len(KINDS))
    empty = per_kind.sum(axis=-1) == 0
    kinds = np.where(empty, NOTHING, per_kind.argmax(axis=-1))
    if (~empty).sum() * _ROOMY <= empty.size:
        signs = np.array([*KIND_SIGNS.values(), " "])
        return Cloud(kinds, signs[kinds])
    counts = np.bincount(down * plane.width + across, minlength=plane.width * plane.height)
    dots = thinned(counts.reshape(plane.height, plane.width))
    codes = (_in_cells(dots.astype(np.int64)) * _BITS).sum(axis=(-2, -1))
    return Cloud(kinds, np.where(empty, " ", (codes + _BRAILLE).astype(np.uint32).view("<U1").reshape(shape)))


def thinned(counts: Whole) -> NDArray[np.bool_]:
    """Return which dots of `counts` (images at each dot; height, width) are set.

    Where few images overlap, each dot that has one. Else the more of its dots a cell sets, the thicker the cloud is
    there against everywhere else; one dot at least, the one of the most images.
    """
    taken = counts[counts > 0]
    if not len(taken) or np.median(taken) == 1:
        return counts > 0
    least = np.quantile(taken, _ORDER / _ORDER.size)  # (4, 2)
    cells = _in_cells(counts)
    most = cells.max(axis=(-2, -1), keepdims=True)
    dots = (cells > 0) & ((cells >= least) | (cells == most))
    return np.asarray(dots.swapaxes(1, 2).reshape(counts.shape), np.bool_)


def nearest(across: Whole, down: Whole, to: tuple[int, int]) -> int:
    """Return the place of the image nearest to the dot `to`; of equally near ones the first; not of none."""
    return int(((across - to[0]) ** 2 + (down - to[1]) ** 2).argmin())


def _in_cells(dots: Whole) -> Whole:
    """Return `dots` (height, width) as (rows, columns, 4, 2)."""
    height, width = dots.shape
    return dots.reshape(height // DOWN, DOWN, width // ACROSS, ACROSS).swapaxes(1, 2)
