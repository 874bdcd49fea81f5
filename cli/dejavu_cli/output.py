"""Data to stdout or a file, talk to stderr."""

import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.errors import RequestError
from dejavu_tui.records import Progress, Step
from dejavu_tui.text import safe_text

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table as RichTable

STDOUT = "-"
_QUIET_SECONDS = 5.0
_HEADINGS = {
    "memorized": "memo-\nrized",
    "correlated": "corre-\nlated",
    "misrepresented": "misrep-\nresented",
    "unassociated": "unasso-\nciated",
}
"""Column names that are broken in two above a table; the others break at `_`."""


_MEASURED = ("tie_block",)
"""Columns of whole numbers that are results."""


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def choose_format(typed: Format | None, *, out: str) -> Format:
    """Return the format: as typed, else by the file's ending, else a table on a terminal and CSV in a pipe.

    Raises RequestError: Parquet to a terminal, or a file in a folder that is not there. Asked first, so that
    nothing is computed for a result that has no place.
    """
    if out != STDOUT:
        if Path(out).is_dir():
            raise RequestError("is a folder", where=Path(out), fix="name a file in it with --out")
        if not Path(out).parent.is_dir():
            raise RequestError(
                "no such folder", where=Path(out).parent, fix="make it first, or choose another --out"
            )
        by_ending = {f".{name.value}": name for name in Format}
        return typed or by_ending.get(Path(out).suffix.lower(), Format.CSV)
    on_terminal = sys.stdout.isatty()
    chosen = typed or (Format.TABLE if on_terminal else Format.CSV)
    if chosen is Format.PARQUET and on_terminal:
        raise RequestError("Parquet is no text for a terminal", fix="add --out FILE.parquet, or pipe it")
    return chosen


def emit(frame: "pl.DataFrame", *, format: Format, out: str = STDOUT, shown: Sequence[str] = ()) -> None:  # noqa: A002
    """Write `frame` whole to `out` (`-`: stdout) as `format`; a table shows the columns `shown` (none: all)."""
    if out == STDOUT and format in (Format.CSV, Format.JSONL) and sys.stdout.isatty():
        frame = _visible(frame)
    deliver(encode(frame, format=format, shown=shown), out=out)


def deliver(data: bytes, *, out: str = STDOUT) -> None:
    """Write `data` to `out` (`-`: stdout): a file appears whole or not at all."""
    place = Path(out)
    if out == STDOUT:
        write_stdout(data)
    elif place.exists() and not place.is_file():  # a device or a pipe, which a rename would replace
        place.write_bytes(data)
    else:
        write_atomically(place, data)


def encode(frame: "pl.DataFrame", *, format: Format, shown: Sequence[str] = ()) -> bytes:  # noqa: A002
    """Return `frame` as bytes of `format`: UTF-8, LF, floats in full, empty fields for nulls.

    Columns of lists are left out of CSV and tables.
    """
    import polars as pl

    if format is Format.PARQUET:
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd")
        return buffer.getvalue()
    if format is Format.JSONL:
        return frame.write_ndjson().encode()
    if format is Format.CSV:
        flat = frame.select(pl.exclude(pl.List))
        return flat.write_csv(line_terminator="\n").encode()
    return render(frame.select(shown) if shown else frame).encode()


def render(frame: "pl.DataFrame") -> str:
    """Return `frame` as a table for people; what all of several rows say stands in one line above it.

    Measured numbers stay in the table, equal or not.
    """
    settings = [name for name, dtype in frame.schema.items() if not dtype.is_float() and name not in _MEASURED]
    same = [name for name in settings if frame.height > 1 and frame[name].n_unique() == 1]
    caption = "  ".join(f"{name} {_cell(frame[name][0])}" for name in same)
    if not caption or len(same) == frame.width:
        return grid(frame)
    return f"{caption}\n{grid(frame.drop(same))}"


def grid(frame: "pl.DataFrame") -> str:
    """Return `frame` as lines for people, numbers to three decimals, with colour only where it is wanted.

    A heading breaks at each `_` of its column's name. No field is cut to the width of the terminal.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colour = wants_colour()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, dtype in frame.schema.items():
        heading = _HEADINGS.get(name, name.replace("_", "\n"))
        table.add_column(Text(heading), justify="right" if dtype.is_numeric() else "left", no_wrap=True)
    for row in frame.iter_rows():
        table.add_row(*(Text(_cell(value)) for value in row))
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=colour, no_color=not colour, width=_width(table))
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def wants_colour() -> bool:
    """Tell whether text on stdout may be coloured: on a terminal that can, unless the user asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _visible(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return `frame` with texts that cannot drive the terminal they are printed on."""
    import polars as pl

    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(pl.col(texts).map_elements(safe_text, return_dtype=pl.String))


def write_stdout(data: bytes) -> None:
    """Write all of `data` to stdout and flush it. Raises BrokenPipeError if the reader has gone."""
    stream = sys.stdout.buffer
    view = memoryview(data)
    while view:
        written = stream.write(view)
        view = view[written:] if written else view
    stream.flush()


def note(text: str) -> None:
    """Say one thing on stderr. `text` may hold names out of files."""
    print(safe_text(text), file=sys.stderr, flush=True)


@contextmanager
def talk() -> Iterator[Progress]:
    """Give a progress callback that draws a bar on a terminal's stderr, else prints a line every few seconds."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars() as progress:
            yield progress
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        tasks = {}

        def progress(step: Step) -> None:
            stage = safe_text(step.stage, limit=40)
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=step.total, detail="")
            detail = safe_text(step.detail, limit=80)
            bars.update(tasks[stage], completed=step.done, total=step.total, detail=detail)

        yield progress


def _lines() -> Progress:
    last: dict[str, float] = {}

    def progress(step: Step) -> None:
        now = time.monotonic()
        ended = step.total is not None and step.done >= step.total
        if not ended and now - last.get(step.stage, float("-inf")) < _QUIET_SECONDS:
            return
        last[step.stage] = now
        of = "" if step.total is None else f"/{step.total}"
        note(f"{step.stage} {step.done}{of}{'  ' if step.detail else ''}{step.detail}")

    return progress


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "<0.001" if 0 < value < 0.0005 else f"{value:.3f}"
    return safe_text(str(value), limit=160)


def _width(table: "RichTable") -> int:
    from rich.console import Console
    from rich.measure import Measurement

    wide = Console(width=10_000)
    return max(Measurement.get(wide, wide.options, table).maximum, 20)
