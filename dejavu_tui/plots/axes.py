"""Axes that hold their values: limits, and ticks at round numbers or at the values themselves."""

import math
from collections.abc import Iterable, Sequence

from dejavu_tui.plots.chart import Axis, Tick

_PARTS = 6
_WIDE = 6
"""Values that span this factor stand on a log scale."""


def percent_axis(label: str, values: Iterable[float | None], *, parts: int = _PARTS) -> Axis:
    """Return an axis of shares in percent that holds zero and all `values`, in about `parts` parts."""
    low, high = _limits(values)
    step = _step(high - low, parts)
    decimals = max(0, -math.floor(math.log10(step * 100) + 1e-9))
    return Axis(label, low, high, tuple(Tick(at, percent(at, decimals)) for at in _multiples(low, high, step)))


def count_axis(label: str, values: Iterable[float | None]) -> Axis:
    """Return an axis of whole numbers that holds zero and all `values`."""
    low, high = _limits(values)
    step = max(1.0, _step(high - low))
    return Axis(label, low, high, tuple(Tick(at, f"{at:,.0f}") for at in _multiples(low, high, step)))


def number_axis(label: str, low: float, high: float) -> Axis:
    """Return an axis from `low` to `high`, exactly."""
    step = _step(high - low) if high > low else 1.0
    return Axis(label, low, high, tuple(Tick(at, _minus(f"{at:g}")) for at in _multiples(low, high, step)))


def whole_percent_axis(label: str) -> Axis:
    """Return an axis from nothing to all."""
    return Axis(label, 0, 1, tuple(Tick(at / 4, f"{25 * at}%") for at in range(5)))


def sweep_axis(label: str, values: Sequence[int], *, margin: float) -> Axis:
    """Return an axis with a tick at each of `values` (rising), on a log scale where they span much.

    `margin` is left free at both ends, as a share of the axis.
    """
    ticks = tuple(Tick(value, f"{value:,}") for value in values)
    first, last = values[0], values[-1]
    if 0 < first * _WIDE <= last:
        free = (last / first) ** margin
        return Axis(f"{label} (log scale)", first / free, last * free, ticks, "log")
    free = (last - first) * margin if last > first else max(1.0, first / 2)
    return Axis(label, first - free, last + free, ticks)


def category_axis(label: str, names: Sequence[str]) -> Axis:
    """Return an axis with one place for each of `names`."""
    ticks = tuple(Tick(place, name) for place, name in enumerate(names))
    return Axis(label, -0.5, len(names) - 0.5, ticks, "categories")


def _limits(values: Iterable[float | None]) -> tuple[float, float]:
    known = [0.0, *(value for value in values if value is not None)]
    low, high = min(known), max(known)
    if low == high:
        return low, low + 0.1
    free = (high - low) * 0.05
    return low - free if low < 0 else low, high + free if high > 0 else high


def _step(span: float, parts: int = _PARTS) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that divides `span` into at most `parts` parts."""
    power = 10.0 ** math.floor(math.log10(span / parts))
    return next(times * power for times in (1, 2, 5, 10) if times * power * parts >= span * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(times * step, 12) for times in range(first, last + 1)]


def percent(share: float, decimals: int) -> str:
    """Return `share` as a figure says it."""
    return _minus(f"{100 * share:.{decimals}f}%")


def _minus(number: str) -> str:
    return number.replace("-", "−")
