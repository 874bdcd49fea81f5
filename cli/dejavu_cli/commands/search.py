"""`dejavu search`: the neighbours in X of all attacked crops, whole or a shard of them."""

from typing import Annotated

import typer

from dejavu_cli.options import (
    AuditFolder,
    Epochs,
    Layers,
    Precision,
    Recall,
    Run,
    SearchBy,
    SearchChoice,
    ShardOf,
    Voters,
)


def search(
    audit: AuditFolder = None,
    run: Run = None,
    epoch: Epochs = None,
    layer: Layers = None,
    k: Voters = None,
    search: SearchBy = SearchChoice.AUTO,
    recall: Recall = 0.99,
    precision: Annotated[
        Precision, typer.Option(help="int8: approximated encoders, for screening.")
    ] = Precision.FP32,
    shard: ShardOf = None,
) -> None:
    """Find the neighbours of the crops among the public images; `dejavu score` does so too.

    With --shard those of one part of the crops, for many processes or machines; without it the parts are put
    together.
    """
    from dejavu_cli.parts import do_stage

    do_stage(
        "search",
        audit,
        run=run,
        epoch=epoch,
        shard=shard,
        layers=tuple(layer) if layer else None,
        precision=precision.value,
        k=k,
        search=search.value,
        recall=recall,
    )
