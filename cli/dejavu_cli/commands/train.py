"""`dejavu train`: trains SSL_A and SSL_B alike."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Annotated

import typer

from dejavu_cli.options import AuditFolder, TrainedOn
from dejavu_tui.encoders.methods import method_names
from dejavu_tui.encoders.names import ARCHS
from dejavu_tui.encoders.recipes import recipe_names


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def train(
    audit: AuditFolder = None,
    method: Annotated[
        str | None,
        typer.Option(metavar="M", help=f"{_listed(method_names())}. Not needed with a recipe, which has one."),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="R",
            help=f"Settings below what is typed: {_listed(recipe_names())}. Their learning rates grow with the "
            "batch. Default: none.",
        ),
    ] = None,
    arch: Annotated[
        str | None,
        typer.Option(metavar="NETWORK", help=f"{_listed(ARCHS)}. Default: the recipe's, else convnet."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="E", help="Times that every image is shown. Default: the recipe's, else 200."),
    ] = None,
    snapshots: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,…",
            help="Epochs whose encoders are kept; the last always is. Default: five, even on a log scale.",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the run. Default: METHOD-NETWORK, and -N with --size N."),
    ] = None,
    size: Annotated[
        str,
        typer.Option(
            metavar="N|all",
            help="Train on N images of A, and on as many of B: the same share of each class, and each smaller N "
            "is part of every larger one. Shared images come on top.",
        ),
    ] = "all",
    on: Annotated[
        list[TrainedOn] | None, typer.Option("--on", help="Train only this encoder. Default: both.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Another setting, such as lr=0.001 or temperature=0.2."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Decides first weights, order and views. Default: 0.")
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Processes on each machine that train an encoder together: GPUs, or on a CPU shares of the batch. "
            "Default: 1, or what torchrun or srun started.",
        ),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Machines, on each of which torchrun or srun starts this."),
    ] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="P", help="fp32, bf16, or on a GPU fp16: of networks, not of losses.")
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write the log for TensorBoard too, beside it.")
    ] = False,
) -> None:
    """Train an encoder on A and one on B with the same settings; after a stop --run NAME alone goes on, and so does
    the same command.
    """
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import note, talk
    from dejavu_tui.encoders.places import ALONE, launched
    from dejavu_tui.records import silent
    from dejavu_tui.workflows.launch import check_tensorboard, processes
    from dejavu_tui.workflows.run_settings import again, prepare
    from dejavu_tui.workflows.runs import TRAINERS, run_names
    from dejavu_tui.workflows.train import train_run
    from dejavu_tui.workflows.trained import whole_size
    from dejavu_tui.workspace import find_audit

    together = processes(devices=devices, nodes=nodes)
    typed = {"seed": seed, "devices": together, "precision": precision}
    if tensorboard:
        check_tensorboard()
    found = find_audit(audit)
    fixed = (method, recipe, arch, epochs, snapshots, settings or None, seed, precision)
    plain = size == "all" and all(one is None for one in fixed)
    if plain and run is not None and run in run_names(found):
        name, wanted = run, again(found, run, devices=together)
    else:
        name, wanted = prepare(
            found,
            method=method,
            recipe=recipe,
            arch=arch,
            epochs=epochs,
            snapshots=None if snapshots is None else _epochs(snapshots),
            run=run,
            size=_size(size),
            assignments=[
                *(settings or ()),
                *(f"{key}={value}" for key, value in typed.items() if value is not None),
            ],
        )
    chosen = [trainer for trainer in TRAINERS if not on or trainer in {which.value for which in on}]
    images = whole_size(found) if wanted.train_size is None else wanted.train_size
    tells = (launched() or ALONE).first
    if tells:
        note(f"run {name}: {images} images each, snapshots at epochs {', '.join(map(str, wanted.snapshots))}")
        with_shared = images + found.parts.filter(part="shared").height
        if wanted.batch > with_shared:
            note(f"batch {wanted.batch} is more than {with_shared} images: each step takes all; lr {wanted.lr:g}")
    with graceful() as stop, talk() if tells else nullcontext(silent) as progress:
        train_run(found, name, wanted, on=chosen, events=tensorboard, progress=progress, stop=stop)


def _size(text: str) -> int | None:
    """Return the number typed, None for all."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise typer.BadParameter("write a number of images, or all", param_hint="--size")
    return int(text)


def _epochs(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter("write epochs with commas, such as 10,50,100", param_hint="--snapshots") from None
