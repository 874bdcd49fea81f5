"""`dejavu embed`: X and the crops under both encoders, whole or a shard of them."""

from typing import Annotated

import typer

from dejavu_cli.options import AuditFolder, ComputedOn, Epochs, Layers, Precision, Providers, Run, ShardOf, Workers


def embed(
    audit: AuditFolder = None,
    run: Run = None,
    epoch: Epochs = None,
    layer: Layers = None,
    precision: Annotated[
        Precision, typer.Option(help="int8: approximated encoders, for screening.")
    ] = Precision.FP32,
    workers: Workers = None,
    providers: ComputedOn = Providers.CPU,
    shard: ShardOf = None,
) -> None:
    """Embed the public images and the crops under both encoders; `dejavu score` does so too.

    With --shard one part of them, for many processes or machines; without it the parts are put together.
    """
    from dejavu_cli.parts import do_stage
    from dejavu_tui.records import Compute

    do_stage(
        "embed",
        audit,
        run=run,
        epoch=epoch,
        shard=shard,
        layers=tuple(layer) if layer else None,
        precision=precision.value,
        compute=Compute(workers=workers, provider=providers.value),
    )
