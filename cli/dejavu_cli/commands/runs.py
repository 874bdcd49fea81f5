"""`dejavu runs`: the trainings of an audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.output import Format

if TYPE_CHECKING:
    from dejavu_tui.config import RunSettings
    from dejavu_tui.workflows.described import Description
    from dejavu_tui.workflows.runs import RunInfo


_COLUMNS = ("run", "method", "arch", "train_size", "state", "epochs_a", "epochs_b", "snapshots", "onnx", "note")


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
    from dejavu_tui.workflows.described import describe
    from dejavu_tui.workflows.runs import list_runs
    from dejavu_tui.workspace import find_audit

    chosen = find_audit(audit)
    found = list_runs(chosen)
    if not found:
        note("no run yet; train one with `dejavu train`")
    rows = [_row(run, describe(chosen, run)) for run in found]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    emit(frame, format=choose_format(format, out=STDOUT))


def _row(run: "RunInfo", description: "Description") -> dict[str, str | None]:
    settings, size = run.settings, description.train_size
    return {
        "run": run.name,
        "method": description.method,
        "arch": description.arch,
        "train_size": None if size is None else str(size),
        "state": run.state,
        "epochs_a": _of(run.reached["A"], settings),
        "epochs_b": _of(run.reached["B"], settings),
        "snapshots": " ".join(map(str, run.epochs)),
        "onnx": " ".join(map(str, run.exported)),
        "note": " | ".join(f"{trainer}: {why}" for trainer, why in run.failures.items()) or None,
    }


def _of(reached: int, settings: "RunSettings | None") -> str | None:
    return f"{reached}/{settings.epochs}" if settings else None
