"""The two axes around a plane, as text."""

from dejavu_tui.app.plane.plane import Plane
from dejavu_tui.plots.axes import number_axis

MARGIN, FOOT = 7, 3
"""Columns at the left of the plane and rows below it that the axes take."""
_APART = 2
_NAME = "target confidence, nats"


def left_of(plane: Plane) -> list[str]:
    """Return the axis of the reference confidence: a piece of MARGIN cells for each row of the plane."""
    axis = number_axis("", plane.window.low, plane.window.high)
    rows = [" " * (MARGIN - 1) + "│"] * plane.rows
    for tick in axis.fitting(plane.rows, size=lambda _: _APART):
        rows[round((1 - axis.place(tick.at)) * (plane.rows - 1))] = f"{tick.text:>{MARGIN - 2}} ┤"
    return rows


def below(plane: Plane) -> list[str]:
    """Return the axis of the target confidence: FOOT lines, with its ticks, its numbers and its name."""
    axis = number_axis("", plane.window.left, plane.window.right)
    line, numbers = ["─"] * plane.columns, [" "] * (MARGIN + plane.columns)
    for tick in axis.fitting(plane.columns - 1, size=lambda tick: len(tick.text) + _APART):
        column = round(axis.place(tick.at) * (plane.columns - 1))
        line[column] = "┬"
        start = min(MARGIN + column - len(tick.text) // 2, len(numbers) - len(tick.text))
        numbers[start : start + len(tick.text)] = tick.text
    name = _NAME if len(_NAME) <= plane.columns else _NAME.split(",")[0]
    corner = " " * (MARGIN - 1) + "└"
    return [corner + "".join(line), "".join(numbers), " " * MARGIN + name.center(plane.columns)]


def diagonal(plane: Plane) -> list[int | None]:
    """Return for each row the column in which both encoders are equally confident; None: outside."""
    values = [plane.middle(0, row)[1] for row in range(plane.rows)]
    window = plane.window
    return [plane.cell((value, value))[0] if window.left <= value <= window.right else None for value in values]
