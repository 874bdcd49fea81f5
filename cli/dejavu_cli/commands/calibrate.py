"""`dejavu calibrate`: is the instrument right?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import AsFormat, Out
from dejavu_cli.output import STDOUT

if TYPE_CHECKING:
    from dejavu_tui.workspace import Audit


def calibrate(
    audit: Annotated[
        Path | None,
        typer.Argument(help="Audit folder that keeps the verdict. Default: the one you are in or beside, if any."),
    ] = None,
    coverage: Annotated[
        int | None,
        typer.Option(
            min=100,
            metavar="N",
            help="Also which share of the 95% intervals of N planted data sets hold the planted score. 200 take "
            "some ten minutes.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the planted images and encoders.")] = 0,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Score encoders whose memory is known, from generated images on; exit with 5 if a number is not as planted."""
    from dejavu_cli.diagnostics import Verdict, graceful
    from dejavu_cli.output import choose_format, emit, note, talk
    from dejavu_tui.workflows.calibrate.instrument import calibrate as measure
    from dejavu_tui.workflows.calibrate.instrument import failed
    from dejavu_tui.workflows.calibrate.record import check_free, keep

    chosen = choose_format(format, out=out)
    found = _audit(audit)
    if found is not None:
        check_free(found)
    with graceful() as stop, talk() as progress:
        table = measure(seed=seed, coverage=coverage, progress=progress, stop=stop)
    if found is not None and keep(found, table, seed=seed, coverage=coverage) is None:
        note(f"{found.root} cannot be written: the verdict is not kept")
    emit(table, format=chosen, out=out)
    bad = failed(table)
    if bad.height:
        first = f"{bad['check'][0]}: {bad['quantity'][0]}"
        raise Verdict(f"the verdict is no: {bad.height} of {table.height} checks failed, the first {first}")
    note(f"all {table.height} checks passed")


def _audit(typed: Path | None) -> "Audit | None":
    """Return the audit typed or found; None, and say so, where none is meant."""
    from dejavu_cli.output import note
    from dejavu_tui.errors import RequestError
    from dejavu_tui.workspace import find_audit

    try:
        return find_audit(typed)
    except RequestError as error:
        if typed is not None:
            raise
        note(f"{error.what}: the verdict is printed, not kept")
        return None
