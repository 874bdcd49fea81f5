"""Batch norm over the images of all devices: what one device computes from the whole batch."""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.encoders.gather import summed

Network = TypeVar("Network", bound=nn.Module)


def make_global(module: Network, *, device: torch.device) -> Network:
    """Return `module` with batch norm over all devices; parameters and buffers keep their names and values."""
    module = nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call]
    if device.type == "cpu":
        for part in module.modules():
            if isinstance(part, nn.SyncBatchNorm):
                part.__class__ = GlobalBatchNorm
    return module


class GlobalBatchNorm(nn.SyncBatchNorm):
    """`torch.nn.SyncBatchNorm`, which needs a GPU, by operations that a CPU has."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  its name in torch
        """Return `input` (n, channels, …) with mean 0 and variance 1 in each channel over all devices' rows."""
        mean, variance = self.running_mean, self.running_var
        if not self.training and mean is not None:
            return F.batch_norm(input, mean, variance, self.weight, self.bias, training=False, eps=self.eps)
        rows = input.to(torch.promote_types(input.dtype, torch.float32))
        reduced = [0, *range(2, rows.dim())]
        shape = (1, -1, *(1 for _ in reduced[1:]))
        own = rows.new_full((1,), rows.numel() / rows.shape[1])
        totals = summed(torch.cat([rows.sum(reduced), own]))  # (channels + 1)
        count = totals[-1].detach()
        centre = totals[:-1] / count
        centred = rows - centre.view(shape)
        spread = summed(centred.square().sum(reduced)) / count  # (channels)
        if mean is not None and variance is not None and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
            mean.lerp_(centre.detach(), share)
            variance.lerp_(spread.detach() * (count / (count - 1)), share)
        normed = centred * torch.rsqrt(spread + self.eps).view(shape)
        if self.affine:
            normed = normed * self.weight.view(shape) + self.bias.view(shape)
        return normed.to(input.dtype)
