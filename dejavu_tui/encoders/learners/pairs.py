"""Methods whose loss compares two views of each image under one encoder."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from dejavu_tui.encoders.gather import gathered
from dejavu_tui.encoders.learner import Batch, Learner, Outcome, exact, exactly
from dejavu_tui.encoders.network import Encoder

PairLoss: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, dict[str, Tensor]]]
"""Projector embeddings of both views, (n, d) each, to a loss and its terms."""


class PairLearner(Learner):
    """Takes the loss of the projector embeddings of the two large views; a subclass says how they are made."""

    def __init__(self, encoder: Encoder, loss: PairLoss) -> None:
        super().__init__(encoder)
        self.loss = loss

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch."""
        first, second = (gathered(exact(embedding)) for embedding in self.embed(*batch.large))  # (n, d) each
        with exactly(first):
            loss, terms = self.loss(first, second)
        return Outcome(loss, first.detach(), {name: term.detach() for name, term in terms.items()})

    def embed(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the projector embeddings, (n, d) each, of two views."""
        raise NotImplementedError


class SeparatePasses(PairLearner):
    """Each view goes through the network on its own: batch norm sees one view at a time."""

    def embed(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the projector embeddings, (n, d) each, of two views."""
        return self.encoder(first)[-1], self.encoder(second)[-1]


class JointPass(PairLearner):
    """Both views go through the network together: batch norm sees them as one batch."""

    def embed(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the projector embeddings, (n, d) each, of two views."""
        one, other = self.encoder(torch.cat((first, second)))[-1].chunk(2)  # 2 x (n, d)
        return one, other
