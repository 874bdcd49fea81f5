"""The processes that train one encoder together, each on a device of its own and on its share of every batch.

The gradients of all devices are summed as one vector that is always laid out alike. (torch's own wrapper for this
lays them out anew after its first step, so that with three devices or more a training that goes on after a stop
would add in another order than one that was not stopped.)
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as distributed
from numpy.typing import NDArray
from torch import Tensor, nn

from dejavu_tui.encoders.batch_norm import Network, make_global
from dejavu_tui.encoders.places import Place
from dejavu_tui.errors import PeerGoneError, RequestError, TrainingError
from dejavu_tui.text import safe_text

T = TypeVar("T")
_CPU = torch.device("cpu")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MEETING = "free the port, or set MASTER_PORT or GLOO_SOCKET_IFNAME to what all processes can reach"
_GOES_ON = "the same command goes on from the saved state"


@dataclass(frozen=True)
class Team:
    """`size` processes that train together; this one is `rank` of them and computes on `device`."""

    rank: int = 0
    size: int = 1
    device: torch.device = _CPU

    @property
    def first(self) -> bool:
        """Only the first process writes."""
        return self.rank == 0

    def share(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this process's part of a batch; those of all, the first first, are the batch."""
        return np.array_split(places, self.size)[self.rank]

    def spread_out(self, module: Network) -> Network:
        """Return `module` on the device, its batch norm over all devices."""
        moved: Network = module.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved if self.size == 1 else make_global(moved, device=self.device)

    def sum_gradients(self, module: nn.Module) -> None:
        """Give every parameter the sum of its gradients on all devices."""
        if self.size == 1:
            return
        gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
        sizes = [gradient.numel() for gradient in gradients]
        total = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(total)
        for gradient, part in zip(gradients, torch.split(total, sizes), strict=True):
            gradient.copy_(part.view_as(gradient))

    def agrees(self, asked: bool) -> bool:
        """Tell, alike in all processes, whether any of them is asked to stop."""
        if self.size == 1:
            return asked
        flag = torch.tensor(int(asked))
        distributed.all_reduce(flag, op=distributed.ReduceOp.MAX)
        return bool(flag)

    def told(self, value: T) -> T:
        """Return the `value` that the first process holds."""
        if self.size == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, src=0)
        return values[0]

    def hand_out(self, tensors: Mapping[str, Tensor]) -> None:
        """Overwrite `tensors`, of the same names and shapes in all processes, by those of the first."""
        if self.size > 1:
            for tensor in tensors.values():
                whole = tensor.contiguous()
                distributed.broadcast(whole, src=0)
                tensor.copy_(whole)


ALONE = Team()


@contextmanager
def open_team(place: Place) -> Iterator[Team]:
    """Meet the other processes; within the block they work together.

    Raises RequestError: there are fewer GPUs than processes. TrainingError: the others are not met. PeerGoneError:
    another process is gone.
    """
    device = _device(place)
    if place.size == 1:
        yield Team(device=device)
        return
    if place.meeting.startswith("file:"):  # all on this machine: what they tell each other must not leave it
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
    _meet(place, device)
    try:
        yield Team(place.rank, place.size, device)
    except RuntimeError as error:
        if isinstance(error, distributed.DistError) or "gloo" in str(error):
            raise PeerGoneError(
                "another process of this training is gone", where=f"process {place.rank}", fix=_GOES_ON
            ) from error
        raise
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def _meet(place: Place, device: torch.device) -> None:
    """Wait for the others; nothing is unsaved yet, and a signal ends this process at once."""
    with _plain_signals():
        try:
            distributed.init_process_group(
                "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo",
                init_method=place.meeting,
                rank=place.rank,
                world_size=place.size,
                device_id=device if device.type == "cuda" else None,
            )
        except (RuntimeError, ValueError) as error:
            why = safe_text(str(error).partition("\n")[0], limit=160)
            raise TrainingError(
                f"cannot meet the other processes ({why})", where=f"process {place.rank}", fix=_MEETING
            ) from error


@contextmanager
def _plain_signals() -> Iterator[None]:
    """Within the block signals do what they do by themselves: Python's handlers wait for C++ to return, which may
    wait for half an hour.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _device(place: Place) -> torch.device:
    """Return the GPU of a process, the CPU where there is none."""
    if not torch.cuda.is_available():
        return _CPU
    os.environ.setdefault(
        "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
    )  # cuBLAS gives the same bytes only with one of these
    here = torch.cuda.device_count()
    if place.size > 1 and place.local >= here:
        raise RequestError(
            f"process {place.local + 1} on a machine with {here} GPUs",
            where="--devices",
            fix="take one process for each GPU, or set CUDA_VISIBLE_DEVICES= to train on the CPU",
        )
    device = torch.device("cuda", place.local % here)
    torch.cuda.set_device(device)
    return device
