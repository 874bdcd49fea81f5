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
    """`columns` x `rows` cells for confidences from `least` to 0 nats: target across, reference upwards.

    A cell has 2 x 4 dots of about the same width and height; dots and cells count from the upper left.
    """

    least: float
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
        """Return the columns and the rows of the dots of images with these confidences."""
        return _dots(1 - target / self.least, self.width), _dots(reference / self.least, self.height)

    def cell(self, at: Corner) -> tuple[int, int]:
        """Return column and row of the cell in which `at` stands."""
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

    def cells(self, area: Area) -> tuple[int, int, int, int]:
        """Return the cells that `area` covers: first column, first row, last column, last row."""
        last, bottom = self.width - 1, self.height - 1
        first_x = math.ceil((1 - area.left / self.least) * last)
        last_x = math.floor((1 - area.right / self.least) * last)
        first_y = math.ceil(area.high / self.least * bottom)
        last_y = math.floor(area.low / self.least * bottom)
        x0, x1 = (min(max(x, 0), last) // ACROSS for x in (first_x, max(first_x, last_x)))
        y0, y1 = (min(max(y, 0), bottom) // DOWN for y in (first_y, max(first_y, last_y)))
        return x0, y0, x1, y1

    def _target(self, x: float) -> float:
        return self.least * (1 - x / (self.width - 1))

    def _reference(self, y: float) -> float:
        return self.least * y / (self.height - 1)


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


def _dots(share: Floats, dots: int) -> Whole:
    return np.clip(np.floor(share * (dots - 1) + 0.5), 0, dots - 1).astype(np.int64)


def _floor(value: float) -> float:
    return math.floor(value * _GRAIN) / _GRAIN


def _ceil(value: float) -> float:
    return min(math.ceil(value * _GRAIN) / _GRAIN, 0.0)
