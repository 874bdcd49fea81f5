"""Methods whose loss compares two views of each image under one encoder."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dejavu_tui.encoders.network import Encoder


class SeparatePasses(nn.Module):
    """Each view goes through the network on its own: batch norm sees one view at a time."""

    def __init__(self, encoder: Encoder, loss: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.loss = loss

    def forward(self, views: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the loss of two views, (n, 3, s, s) each, and the first one's projector embedding (n, d)."""
        first, second = (self.encoder(view)[-1] for view in views)
        return self.loss(first, second), first.detach()


class JointPass(nn.Module):
    """Both views go through the network together: batch norm sees them as one batch."""

    def __init__(self, encoder: Encoder, loss: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.loss = loss

    def forward(self, views: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the loss of two views, (n, 3, s, s) each, and the first one's projector embedding (n, d)."""
        first, second = self.encoder(torch.cat(tuple(views)))[-1].chunk(2)  # 2 x (n, d)
        return self.loss(first, second), first.detach()
