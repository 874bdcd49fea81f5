"""Tables for people: what all rows share in one line, names for numbers, paths as long as the terminal is wide."""

import shutil
from typing import TYPE_CHECKING

from dejavu_cli.output import grid
from dejavu_tui.text import safe_text

if TYPE_CHECKING:
    import polars as pl

_LEAST = 16
"""Columns below which a path is not worth showing."""


def terminal_width() -> int:
    """Return the columns of the terminal, 80 where there is none."""
    return shutil.get_terminal_size().columns


def snapshot_line(frame: "pl.DataFrame") -> str:
    """Return what was measured, as one line: run, epoch, layer and k, the same in all rows of `frame`."""
    row = frame.row(0, named=True)
    return f"run {safe_text(row['run'])}  epoch {row['epoch']}  layer {safe_text(row['layer'])}  k {row['k']}\n"


def listing(frame: "pl.DataFrame", *, width: int) -> str:
    """Return `frame` as lines that fit `width` if its other columns do: the end of a long `path`, or none of it."""
    import polars as pl

    others = grid(frame.drop("path"))
    room = width - widest(others) - 2
    if room < _LEAST:
        return others
    shown = pl.col("path").map_elements(lambda path: end_of(path, room), return_dtype=pl.String)
    return grid(frame.drop("path").with_columns(frame.select(shown)))


def widest(text: str) -> int:
    """Return the columns that the longest line of `text` takes on a terminal; colours take none."""
    from rich.text import Text

    return max(Text.from_ansi(line).cell_len for line in text.splitlines())


def end_of(path: str, room: int) -> str:
    """Return `path`, safe to show; of one that takes more than `room` columns the end."""
    from rich.cells import cell_len

    shown = safe_text(path)
    if cell_len(shown) <= room:
        return shown
    while cell_len(shown) >= room:
        shown = shown[1:]
    return f"…{shown}"
