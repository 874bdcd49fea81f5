"""The plane of both confidences: where an image stands on it, and what a box on it means as a filter."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.listing.language import Filter, Operator, Term, interval
from dejavu_tui.listing.places import of_field, replaced
from dejavu_tui.plots.canvas import ACROSS, DOWN

_GRAIN = 1000
"""Edges of boxes are whole multiples of one nat / _GRAIN."""
_LEAST, _FREE = 0.1, 0.04
"""Of a window around images: nats that it is wide and high at least; what is left free at each side, as a share."""
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Corner = tuple[float, float]
"""Target and reference confidence, nats."""


@dataclass(frozen=True)
class Area:
    """A box on the plane, closed, in nats: target confidence from `left` to `right`, reference `low` to `high`."""

    left: float
    right: float
    low: float
    high: float

    def holds(self, target: Floats, reference: Floats) -> NDArray[np.bool_]:
        """Return (n,) which images lie in the box."""
        return (target >= self.left) & (target <= self.right) & (reference >= self.low) & (reference <= self.high)

    @property
    def terms(self) -> tuple[str, str]:
        """The box as terms of a filter."""
        return f"conf:{_range(self.left, self.right)}", f"rconf:{_range(self.low, self.high)}"

    def listed(self, typed: Filter) -> Filter:
        """Return the filter that lets through what `typed` does and the box holds."""
        return _narrowed(_narrowed(typed, "conf", self.left, self.right), "rconf", self.low, self.high)


@dataclass(frozen=True)
class Plane:
    """`columns` x `rows` cells on which the images of `window` are drawn: target across, reference upwards.

    A cell has 2 x 4 dots of about the same width and height; dots and cells count from the upper left.
    """

    window: Area
    columns: int
    rows: int

    @property
    def width(self) -> int:
        """Dots across."""
        return self.columns * ACROSS

    @property
    def height(self) -> int:
        """Dots down."""
        return self.rows * DOWN

    def dots(self, target: Floats, reference: Floats) -> tuple[Whole, Whole]:
        """Return the columns and the rows of the dots of images; of one outside, the nearest inside."""
        return _dots(self._across(target), self.width), _dots(self._down(reference), self.height)

    def cell(self, at: Corner) -> tuple[int, int]:
        """Return column and row of the cell in which `at` stands, or of the nearest."""
        x, y = self.dots(np.array(at[0]), np.array(at[1]))
        return int(x) // ACROSS, int(y) // DOWN

    def middle(self, column: int, row: int) -> Corner:
        """Return the confidences in the middle of a cell; of one outside, of the nearest inside."""
        x = min(max(column, 0), self.columns - 1) * ACROSS + (ACROSS - 1) / 2
        y = min(max(row, 0), self.rows - 1) * DOWN + (DOWN - 1) / 2
        return self._target(x), self._reference(y)

    def area(self, one: Corner, other: Corner) -> Area:
        """Return the box from the cell of `one` to the cell of `other`, both inside."""
        (x0, y0), (x1, y1) = self.cell(one), self.cell(other)
        (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
        left, right = self._target(x0 * ACROSS - 0.5), self._target(x1 * ACROSS + ACROSS - 0.5)
        low, high = self._reference(y1 * DOWN + DOWN - 0.5), self._reference(y0 * DOWN - 0.5)
        return Area(_floor(left), _ceil(right), _floor(low), _ceil(high))

    def cells(self, area: Area) -> tuple[int, int, int, int] | None:
        """Return the first column and row and the last of the cells that `area` covers; None: it is outside."""
        left, right = self._across(np.array((area.left, area.right)))
        high, low = self._down(np.array((area.high, area.low)))
        x0, x1, y0, y1 = math.ceil(left), math.floor(right), math.ceil(high), math.floor(low)
        if x1 < 0 or y1 < 0 or x0 >= self.width or y0 >= self.height:
            return None
        x0, x1 = max(x0, 0), min(max(x0, x1), self.width - 1)
        y0, y1 = max(y0, 0), min(max(y0, y1), self.height - 1)
        return x0 // ACROSS, y0 // DOWN, x1 // ACROSS, y1 // DOWN

    def _across(self, target: Floats) -> Floats:
        return (target - self.window.left) / (self.window.right - self.window.left) * (self.width - 1)

    def _down(self, reference: Floats) -> Floats:
        return (self.window.high - reference) / (self.window.high - self.window.low) * (self.height - 1)

    def _target(self, x: float) -> float:
        return self.window.left + x / (self.width - 1) * (self.window.right - self.window.left)

    def _reference(self, y: float) -> float:
        return self.window.high - y / (self.height - 1) * (self.window.high - self.window.low)


def around(target: Floats, reference: Floats) -> Area:
    """Return a window in which all these images are seen, at least _LEAST nats wide and high."""
    edges = []
    for values in (target, reference):
        low, high = float(values.min()), float(values.max())
        free = max(_FREE * (high - low), (_LEAST - (high - low)) / 2)
        high = min(high + free, 0.0)
        edges += [_floor(min(low - free, high - _LEAST)), _ceil(high)]
    return Area(*edges)


def least_confidence(k: int, *, classes: int, seen: Floats) -> float:
    """Return the left and lower end of the plane, below 0: no vote of `k` over `classes` classes is less certain.

    METHOD: confidence is minus the entropy of the vote, so at least -ln min(k, classes). `seen` lies inside too.
    """
    bound = -math.log(max(min(k, classes), 2))
    return min(bound, float(seen.min())) if len(seen) else bound


def _narrowed(typed: Filter, field: str, low: float, high: float) -> Filter:
    ends = [interval(value) for value in of_field(typed, field)]
    if len(ends) == 1 and ends[0] is not None:
        low, high = max(low, ends[0][0]), min(high, ends[0][1])
    value = _range(low, high)
    if len(ends) > 1:
        return Filter((*typed.terms, Term(field, Operator.IS, (value,))))
    return replaced(typed, field, (value,))


def _range(low: float, high: float) -> str:
    return f"{low + 0.0:g}..{high + 0.0:g}"


def _dots(at: Floats, dots: int) -> Whole:
    return np.clip(np.floor(at + 0.5), 0, dots - 1).astype(np.int64)


def _floor(value: float) -> float:
    return math.floor(value * _GRAIN) / _GRAIN


def _ceil(value: float) -> float:
    return min(math.ceil(value * _GRAIN) / _GRAIN, 0.0)
