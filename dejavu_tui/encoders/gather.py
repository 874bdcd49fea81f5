"""What all devices hold, so that a loss and batch norm see the whole batch wherever its images are."""

from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere


def gathered(rows: Tensor) -> Tensor:
    """Return the rows (n, …) of all devices, those of the first device first; in one process `rows` themselves.

    Devices may have different numbers of rows. What follows is computed alike on every device and must hold no
    parameters; the gradient that comes back to a device is that of its own rows, so that the sum of the devices'
    gradients is the gradient of the loss.
    """
    if not distributed.is_initialized() or distributed.get_world_size() == 1:
        return rows
    return _Gather.apply(rows)  # type: ignore[no-any-return]


def summed(values: Tensor) -> Tensor:
    """Return the sum over all devices of `values`, of the same shape on each; in one process `values` themselves.

    Each device may use the sum for its own rows: the gradient that comes back is that of all these uses.
    """
    if not distributed.is_initialized() or distributed.get_world_size() == 1:
        return values
    return _Sum.apply(values)  # type: ignore[no-any-return]


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, rows: Tensor) -> Tensor:
        devices, own = distributed.get_world_size(), distributed.get_rank()
        counts = [torch.zeros((), dtype=torch.int64, device=rows.device) for _ in range(devices)]
        distributed.all_gather(counts, torch.tensor(len(rows), device=rows.device))
        lengths = [int(count) for count in counts]
        padded = F.pad(rows, (0, 0) * (rows.dim() - 1) + (0, max(lengths) - len(rows))).contiguous()
        parts = [torch.empty_like(padded) for _ in range(devices)]
        distributed.all_gather(parts, padded)
        context.own = sum(lengths[:own]), len(rows)
        return torch.cat([part[:length] for part, length in zip(parts, lengths, strict=True)])

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        start, length = context.own
        return gradients[0].narrow(0, start, length)


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(_context: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].contiguous().clone()
        distributed.all_reduce(total)
        return total
