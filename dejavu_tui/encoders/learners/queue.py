"""Contrast with a queue: the negatives of a batch are what a teacher made of batches before."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.encoders.gather import gathered
from dejavu_tui.encoders.learner import Batch, Learner, Moment, Outcome, exact, exactly
from dejavu_tui.encoders.learners.teacher import follow, make_teacher
from dejavu_tui.encoders.network import Encoder


class QueueContrast(Learner):
    """Tells the teacher's embedding (key) of the second view of an image from `length` keys of other images, by the
    encoder's embedding (query) of the first view.
    """

    queue: Tensor
    """Keys, (length, d), each of length 1; random directions before there are any."""
    oldest: Tensor
    """Place in the queue that the next key takes."""

    def __init__(self, encoder: Encoder, *, length: int, temperature: float, momentum: float) -> None:
        super().__init__(encoder)
        self.teacher = make_teacher(encoder)
        self.temperature, self.momentum = temperature, momentum
        self.register_buffer("queue", F.normalize(torch.randn(length, encoder.dims["projector"])))
        self.register_buffer("oldest", torch.zeros((), dtype=torch.int64))

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch, and put its keys into the queue."""
        embedding = exact(self.encoder(batch.large[0])[-1])  # (n, d)
        queries = F.normalize(embedding)
        with torch.no_grad():
            keys = F.normalize(exact(self.teacher(batch.large[1])[-1]))  # (n, d)
        with exactly(queries):
            same = (queries * keys).sum(1, keepdim=True)  # (n, 1)
            others = queries @ self.queue.clone().T  # (n, length); the queue changes before the backward pass
            likeness = torch.cat((same, others), dim=1) / self.temperature
        losses = F.cross_entropy(likeness, torch.zeros_like(batch.labels), reduction="none")  # (n)
        self._enqueue(gathered(keys))
        return Outcome(gathered(losses).mean(), gathered(embedding.detach()), {})

    def after_step(self, at: Moment) -> None:  # noqa: ARG002  the momentum is the same at every step
        """Let the teacher follow."""
        follow(self.encoder, teacher=self.teacher, momentum=self.momentum)

    def _enqueue(self, keys: Tensor) -> None:
        length = len(self.queue)
        latest = keys[-length:]
        places = (self.oldest + torch.arange(len(latest), device=keys.device)) % length
        self.queue.index_copy_(0, places, latest.to(self.queue.dtype))
        self.oldest.copy_((self.oldest + len(latest)) % length)
