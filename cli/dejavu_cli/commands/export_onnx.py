"""`dejavu export-onnx`: both encoders of a run as ONNX files with cards."""

from pathlib import Path
from typing import Annotated

import typer


def export_onnx(
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[str | None, typer.Option(metavar="N|all", help="Which snapshot. Default: the last.")] = None,
) -> None:
    """Export both encoders to ONNX, only if torch and onnxruntime agree; prints the files' paths."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import talk, write_stdout
    from dejavu_tui.workflows.export import export_encoders
    from dejavu_tui.workflows.runs import choose_epochs, choose_run
    from dejavu_tui.workspace import find_audit

    found = find_audit(audit)
    chosen = choose_run(found, run)
    sweep = epoch == "all"
    epochs = choose_epochs(chosen, epoch=None if epoch is None or sweep else _number(epoch), sweep=sweep)
    with graceful() as stop, talk() as progress:
        files = export_encoders(found, chosen.name, epochs, progress=progress, stop=stop)
    write_stdout("".join(f"{file}\n" for file in files).encode("utf-8", "surrogateescape"))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise typer.BadParameter("a number, or all", param_hint="--epoch")
    return int(text)
