"""Learning from labels: a linear classifier on top of the projector."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.encoders.gather import gathered
from dejavu_tui.encoders.learner import Batch, Learner, Outcome, exact
from dejavu_tui.encoders.network import Encoder


class Classifying(Learner):
    """Takes the cross-entropy of both large views' classes; both go through the network together."""

    def __init__(self, encoder: Encoder, *, classes: int, label_smoothing: float) -> None:
        super().__init__(encoder)
        self.classifier = nn.Linear(encoder.dims["projector"], classes)
        self.label_smoothing = label_smoothing

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch."""
        embeddings = self.encoder(torch.cat(batch.large))[-1]  # (2n, d)
        scores = exact(self.classifier(embeddings))  # (2n, classes)
        losses = F.cross_entropy(
            scores, batch.labels.repeat(2), reduction="none", label_smoothing=self.label_smoothing
        )  # (2n)
        return Outcome(gathered(losses).mean(), gathered(embeddings.detach().chunk(2)[0]), {})
