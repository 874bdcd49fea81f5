"""`dejavu runs`: the trainings of an audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.output import Format

if TYPE_CHECKING:
    from dejavu_tui.config import RunSettings
    from dejavu_tui.workflows.runs import RunInfo
    from dejavu_tui.workspace import Audit


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
    from dejavu_tui.workflows.runs import list_runs
    from dejavu_tui.workflows.trained import whole_size
    from dejavu_tui.workspace import find_audit

    chosen = find_audit(audit)
    found = list_runs(chosen)
    if not found:
        note("no run yet; train one with `dejavu train`")
    rows = [_row(run, whole=whole_size(chosen)) | _of_elsewhere(chosen, run) for run in found]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    emit(frame, format=choose_format(format, out=STDOUT))


def _row(run: "RunInfo", *, whole: int) -> dict[str, str | None]:
    """Return the line of `run`; A and B hold `whole` images each."""
    settings = run.settings
    return {
        "run": run.name,
        "method": settings.method if settings else None,
        "arch": settings.arch if settings else None,
        "train_size": str(settings.train_size or whole) if settings else None,
        "state": run.state,
        "epochs_a": _of(run.reached["A"], settings),
        "epochs_b": _of(run.reached["B"], settings),
        "snapshots": " ".join(map(str, run.epochs)),
        "onnx": " ".join(map(str, run.exported)),
        "note": " | ".join(f"{trainer}: {why}" for trainer, why in run.failures.items()) or None,
    }


def _of_elsewhere(audit: "Audit", run: "RunInfo") -> dict[str, str | None]:
    """Return what the cards tell of a run that was trained elsewhere."""
    from dejavu_tui.records import EncoderId
    from dejavu_tui.workflows.stored import card_of

    if run.settings is not None or not run.exported:
        return {}
    card = card_of(audit, EncoderId(run.name, "A", run.exported[-1]))
    size = None if card.train_size is None else str(card.train_size)
    return {"method": card.method, "arch": card.architecture, "train_size": size}


def _of(reached: int, settings: "RunSettings | None") -> str | None:
    return f"{reached}/{settings.epochs}" if settings else None
