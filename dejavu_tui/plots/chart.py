"""What a figure shows, apart from how it is drawn: axes, panels, and the marks in them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Literal, TypeAlias, TypeVar

from dejavu_tui.records import Kind

_FIRM = "\xa0"
"""A space at which no line is broken."""
_T = TypeVar("_T")

Tone: TypeAlias = Kind | Literal["target", "reference", "score", "control", "probe"]
"""What a mark stands for; each renderer has one look for it, so that a thing looks the same in every figure."""

Scale: TypeAlias = Literal["linear", "log", "categories"]
"""`categories`: whole numbers from 0, each the place of one named thing."""


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, both in the units that `label` and the ticks name."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    scale: Scale = "linear"

    def place(self, value: float) -> float:
        """Return where `value` stands between `low` (0) and `high` (1)."""
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def beside(self, value: float, share: float) -> float:
        """Return what stands `share` of the axis after `value`."""
        if self.scale == "log":
            return value * math.exp(share * math.log(self.high / self.low))
        return value + share * (self.high - self.low)

    def shortened(self, room: float) -> "Axis":
        """Return the axis with the names of its categories cut to what each has of `room` letters."""
        if self.scale != "categories":
            return self
        letters = max(1, int(room / len(self.ticks)) - 2)
        return replace(self, ticks=tuple(Tick(tick.at, _cut(tick.text, letters)) for tick in self.ticks))

    def fitting(self, room: float, *, size: Callable[[Tick], float]) -> tuple[Tick, ...]:
        """Return the ticks whose labels, each `size` long, do not touch on an axis that is `room` long.

        Zero is kept if it is one of them, else the last; from there outwards as many as there is space for.
        """
        anchor = next((place for place, tick in enumerate(self.ticks) if tick.at == 0), len(self.ticks) - 1)
        kept = list(self.ticks[anchor : anchor + 1])
        for side in (self.ticks[anchor + 1 :], self.ticks[:anchor][::-1]):
            last = self.ticks[anchor]
            for tick in side:
                apart = abs(self.place(tick.at) - self.place(last.at)) * room
                if apart + 1e-9 >= (size(tick) + size(last)) / 2:
                    kept.append(tick)
                    last = tick
        return tuple(sorted(kept, key=lambda tick: tick.at))


@dataclass(frozen=True)
class Point:
    """One value; `y` None: undefined, a gap. `low` and `high` are the ends of its interval, if it has one."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """Points joined in order, with their intervals as a band."""

    name: str
    tone: Tone
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Dots:
    """Points on their own, with their intervals as whiskers."""

    name: str
    tone: Tone
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Share:
    """One layer of a stack: its height at each place, or over each bin."""

    name: str
    tone: Tone
    heights: tuple[float, ...]


@dataclass(frozen=True)
class Areas:
    """Shares stacked from the first up, over the places `x`, rising, with straight lines between them."""

    x: tuple[float, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Bars:
    """Shares stacked from the first up, constant over each bin between two of `edges`, rising."""

    edges: tuple[float, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Rods:
    """Horizontal bars from zero to `ends[i]`, at the place i of a y axis of categories; None: no bar."""

    name: str
    tone: Tone
    ends: tuple[float | None, ...]


Mark: TypeAlias = Line | Dots | Areas | Bars | Rods


@dataclass(frozen=True)
class Panel:
    """One field of a figure. A line marks zero on either axis. `weight`: its height against the other panels'."""

    y: Axis
    marks: tuple[Mark, ...]
    weight: int = 1

    @property
    def legend(self) -> tuple[tuple[str, Mark, Tone], ...]:
        """Name, mark and tone of everything the panel's legend explains."""
        told: list[tuple[str, Mark, Tone]] = []
        for mark in self.marks:
            parts: Sequence[Line | Dots | Rods | Share] = mark.shares if isinstance(mark, Areas | Bars) else (mark,)
            told += [(part.name, mark, part.tone) for part in parts]
        return tuple(told)


@dataclass(frozen=True)
class Chart:
    """A whole figure: panels over each other on one x axis. `notes` say what names stand for, and what is
    not shown and why.
    """

    title: str
    subtitle: str
    x: Axis
    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()

    def subtitle_lines(self, width: int) -> list[str]:
        """Return the subtitle in lines of at most `width` letters, broken after commas where that is possible."""
        phrases = self.subtitle.replace(" ", _FIRM).replace(f",{_FIRM}", ", ")
        return [line.replace(_FIRM, " ") for line in wrap(phrases, width)]


MARKED = 30
"""A line of at most so many points shows each of them."""


def stretches(points: Sequence[Point]) -> list[list[tuple[float, float]]]:
    """Return the runs of neighbouring points that have a value, as (x, y)."""
    return _runs([None if point.y is None else (point.x, point.y) for point in points])


def bands(points: Sequence[Point]) -> list[list[tuple[float, float, float]]]:
    """Return the runs of neighbouring points that have an interval, as (x, low, high)."""
    return _runs(
        [None if point.low is None or point.high is None else (point.x, point.low, point.high) for point in points]
    )


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _runs(values: Sequence[_T | None]) -> list[list[_T]]:
    runs: list[list[_T]] = [[]]
    for value in values:
        if value is not None:
            runs[-1].append(value)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
