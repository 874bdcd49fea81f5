"""`dejavu import`: encoders that were trained elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import AuditFolder


def import_(
    target: Annotated[Path, typer.Option(metavar="A.onnx", help="SSL_A; its card A.json beside it.")],
    reference: Annotated[Path, typer.Option(metavar="B.onnx", help="SSL_B; its card B.json beside it.")],
    audit: AuditFolder = None,
    run: Annotated[
        str,
        typer.Option(metavar="NAME", help="Name of the run; further snapshots of one training go to the same one."),
    ] = "imported",
) -> None:
    """Take two encoders that were trained elsewhere, on A and on B, as ONNX files; prints the run's name.

    `dejavu export-onnx --checkpoint` makes such files and their cards. docs/elsewhere.md has the whole way.
    """
    from dejavu_cli.output import note, write_stdout
    from dejavu_tui.workflows.import_ import import_run
    from dejavu_tui.workspace import find_audit

    found = find_audit(audit)
    taken = import_run(found, target=target, reference=reference, run=run)
    card = taken.cards["A"]
    dims = ", ".join(f"{layer} {card.dims[layer]}" for layer in card.layers)
    note(f"run {taken.run}, epoch {taken.epoch}: {'imported' if taken.new else 'already there'}; layers {dims}")
    if card.epoch is None:
        note(f"the cards name no epoch: it stands as epoch {taken.epoch}")
    note("what they were trained on cannot be checked: it is taken to be A and B of this audit")
    if "projector" not in card.layers:
        note(f"no layer projector: name another, such as `dejavu score --layer {card.layers[-1]}`")
    write_stdout(f"{taken.run}\n".encode())
