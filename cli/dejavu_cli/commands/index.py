"""`dejavu index`: the stored index of the public set."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.options import Layer, Precision


def index(
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")] = None,
    layer: Layer = None,
    precision: Annotated[Precision, typer.Option(help="Of the encoders.")] = Precision.FP32,
) -> None:
    """Build the hnswlib index of the public set under both encoders; prints the folders."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import note, talk, write_stdout
    from dejavu_tui.workflows.index import build_index
    from dejavu_tui.workflows.pairs import prepare_pairs
    from dejavu_tui.workspace import find_audit

    found = find_audit(audit)
    epochs = None if epoch is None else (epoch,)
    with graceful() as stop, talk() as progress:
        named = None if layer is None else (layer,)
        (pair,), (at_layer,) = prepare_pairs(
            found,
            run=run,
            epochs=epochs,
            layers=named,
            precision=precision.value,
            progress=progress,
            stop=stop,
        )
        built = [
            build_index(found, encoder, layer=at_layer, progress=progress, stop=stop)
            for encoder in pair.encoders.values()
        ]
    for folder, measured in built:
        note(f"{folder.parent.name}: recall {measured.recall:.4f} at k {measured.k} (ef {measured.ef})")
    write_stdout("".join(f"{folder}\n" for folder, _ in built).encode("utf-8", "surrogateescape"))
