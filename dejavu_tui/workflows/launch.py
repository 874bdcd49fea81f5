"""How many processes train an encoder: what is typed, and what torchrun or srun has started."""

import os
from importlib.util import find_spec

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.places import Place, gpus, launched
from dejavu_tui.encoders.schedule import steps_per_epoch
from dejavu_tui.errors import RequestError


def processes(*, devices: int | None, nodes: int | None) -> int | None:
    """Return how many processes train an encoder if `devices` on each of `nodes` machines are typed; None: nothing
    is said of it.

    Raises RequestError: another number is running, or several machines are typed and nobody started them.
    """
    place = launched()
    typed = None if devices is None else devices * (nodes or 1)
    if place is None:
        if nodes is not None and nodes > 1:
            raise RequestError(
                "other machines are not started from here",
                where="--nodes",
                fix=f"start it on each: torchrun --nnodes {nodes} --nproc-per-node {devices or 1} "
                "--rdzv-backend c10d --rdzv-endpoint HOST:PORT --no-python -- dejavu train …, "
                "or srun dejavu train …",
            )
        return typed
    if typed not in (None, place.size):
        raise RequestError(
            f"{typed} processes typed, {place.size} started",
            where="--devices",
            fix="leave --devices and --nodes to torchrun or srun, or give both the same numbers",
        )
    return place.size


def check_processes(settings: RunSettings, *, images: int, place: Place | None) -> None:
    """Raise RequestError unless this machine can do its part of a training on `images` images."""
    if place is not None and place.size != settings.devices:
        raise RequestError(
            f"{place.size} processes started, the setting devices is {settings.devices}",
            where="--set",
            fix="leave devices to torchrun or srun",
        )
    if settings.precision == "fp16" and gpus() == 0:
        raise RequestError("fp16 needs a GPU", where="--precision", fix="take bf16 or fp32")
    if place is None and 0 < gpus() < settings.devices:
        raise RequestError(
            f"{settings.devices} devices, this machine has {gpus()} GPUs",
            where="--devices",
            fix="take as many, or set CUDA_VISIBLE_DEVICES= to train on the CPU",
        )
    smallest = images // steps_per_epoch(images, batch=settings.batch)
    if smallest < 2:
        raise RequestError(
            f"{images} images in batches of {settings.batch} leave a batch of {smallest}, which compares nothing",
            where="--set batch",
            fix=f"take --set batch={settings.batch + 1}, or other than {images} images",
        )
    if settings.devices > smallest:
        raise RequestError(
            f"{settings.devices} devices for batches of {smallest} images",
            where="--devices",
            fix="take fewer devices or a larger batch (--set batch=N)",
        )


def check_tensorboard() -> None:
    """Raise RequestError if TensorBoard's files cannot be written."""
    if find_spec("tensorboard") is None:
        fix = "pip install 'dejavu-tui[tensorboard]'"
        raise RequestError("tensorboard is not installed", where="--tensorboard", fix=fix)


def side_by_side(settings: RunSettings) -> int:
    """Return how many encoders this machine has the devices to train at the same time, at least one."""
    devices = gpus() or len(os.sched_getaffinity(0)) // settings.threads
    return max(1, devices // settings.devices)
