"""`dejavu overview`: what an audit holds and what it still lacks."""

from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import AsFormat, AuditFolder, Out
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    import polars as pl

    from dejavu_tui.workflows.overview import Overview

_SHOWN = (
    "run",
    "epoch",
    "layer",
    "stage",
    "index",
    "score_at_20%",
    "ci_low",
    "ci_high",
    "memorized",
    "misrepresented",
)
_SPARE = ("misrepresented", "memorized", "index")
"""Columns that a narrow terminal does without, the first first."""
_LACKS = 6
"""Missing things that are told beside the table."""


def overview(
    audit: AuditFolder = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Instead: what is missing, and the command that makes it.")
    ] = False,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Show every snapshot of every run: how far it is, its score at 20% and its linear probe. Nothing is made."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import choose_format, deliver, emit, note, talk
    from dejavu_tui.workflows.overview import overview as look
    from dejavu_tui.workflows.overview import table
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    found = find_audit(audit)
    with graceful() as stop, talk() as progress:
        seen = look(found, progress=progress, stop=stop)
    if missing:
        emit(_missing(seen), format=written, out=out)
        return
    for lack in seen.missing[:_LACKS]:
        note(f"{lack.what}; {lack.command}" if lack.command else lack.what)
    if len(seen.missing) > _LACKS:
        note(f"{len(seen.missing) - _LACKS} more are missing; `dejavu overview --missing` lists them")
    if written is Format.TABLE:
        deliver(_for_people(seen, table(seen)).encode(), out=out)
    else:
        emit(table(seen), format=written, out=out)


def _missing(seen: "Overview") -> "pl.DataFrame":
    import polars as pl

    rows = [(lack.what, lack.command or None) for lack in seen.missing]
    return pl.DataFrame(rows, schema={"missing": pl.String, "command": pl.String}, orient="row")


def _for_people(seen: "Overview", frame: "pl.DataFrame") -> str:
    import polars as pl

    from dejavu_cli.output import grid
    from dejavu_cli.scored import fitting
    from dejavu_tui.text import safe_text

    parts = "  ".join(f"{row.part} {row.images}" for row in seen.parts)
    attacked = sum(row.attacked for row in seen.parts)
    one_layer = frame["layer"].n_unique() == 1
    layer = f"layer {safe_text(frame['layer'][0])}  " if one_layer else ""
    heading = f"{parts}  attacked {attacked}  {layer}k {seen.k}\n"
    if frame.is_empty():
        return heading
    yes = pl.when(pl.col("index")).then(pl.lit("yes")).otherwise(pl.lit("no"))
    shown = frame.rename({"dejavu_score": "score_at_20%"}).with_columns(index=yes)
    columns = [
        *(name for name in _SHOWN if name != "layer" or not one_layer),
        *([] if frame["probe_gap"].is_null().all() else ["probe_gap"]),
    ]
    return heading + grid(shown.select(fitting(shown, shown=columns, spare=_SPARE)))
