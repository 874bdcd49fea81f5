"""`dejavu runs`: the trainings of an audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.output import Format

if TYPE_CHECKING:
    from dejavu_tui.config import RunSettings
    from dejavu_tui.workflows.runs import RunInfo


def runs(
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    format: Annotated[  # noqa: A002  it is the option's name
        Format | None, typer.Option(help="Default: a table on a terminal, CSV in a pipe.")
    ] = None,
) -> None:
    """List the runs, the one trained last first: settings, state, snapshots."""
    import polars as pl

    from dejavu_cli.output import STDOUT, choose_format, emit, note
    from dejavu_tui.workflows.runs import list_runs
    from dejavu_tui.workspace import find_audit

    found = list_runs(find_audit(audit))
    if not found:
        note("no run yet; train one with `dejavu train`")
    schema = dict.fromkeys(_row(None), pl.String)
    frame = pl.DataFrame([_row(run) for run in found], schema=schema)
    emit(frame, format=choose_format(format, out=STDOUT))


def _row(run: "RunInfo | None") -> dict[str, str | None]:
    """Return the line of `run`; of None the columns."""
    if run is None:
        return dict.fromkeys(("run", "method", "arch", "state", "epochs_a", "epochs_b", "snapshots", "onnx"))
    settings = run.settings
    return {
        "run": run.name,
        "method": settings.method if settings else None,
        "arch": settings.arch if settings else None,
        "state": run.state,
        "epochs_a": _of(run.reached["A"], settings),
        "epochs_b": _of(run.reached["B"], settings),
        "snapshots": " ".join(map(str, run.epochs)),
        "onnx": " ".join(map(str, run.exported)),
    }


def _of(reached: int, settings: "RunSettings | None") -> str | None:
    return f"{reached}/{settings.epochs}" if settings else None
