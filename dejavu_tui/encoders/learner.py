"""What a method is to the trainer: a module with everything that training changes, and the loss of a batch."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from dejavu_tui.encoders.network import Encoder


@dataclass(frozen=True)
class Moment:
    """Where a training is: before step `step` (0 the first) of `steps`, `per_epoch` of which are an epoch."""

    step: int
    steps: int
    per_epoch: int

    @property
    def share(self) -> float:
        """How much of the training is done, 0 to 1."""
        return self.step / self.steps

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return self.step // self.per_epoch


@dataclass(frozen=True)
class Batch:
    """The views of n images, their classes, and when in the training they are shown.

    `large`: two views of each image, float32 (n, 3, s, s) each; `small`: further ones, (n, 3, t, t) each, perhaps
    none; `labels`: int64 (n), places of the class names.
    """

    large: tuple[Tensor, Tensor]
    labels: Tensor
    at: Moment
    small: tuple[Tensor, ...] = ()


class Outcome(NamedTuple):
    """What a batch gives: its `loss`; what of it tells a collapse; and parts of the loss, by name, for the log."""

    loss: Tensor
    embedding: Tensor
    """(n, d), detached: the projector embedding of the first view; on several devices, of all images."""
    terms: Mapping[str, Tensor]


class Learner(nn.Module):
    """An encoder that is trained, and all else that must survive a stop: heads, teacher, centre, queue.

    All state is in parameters and buffers. The losses see the embeddings of the whole batch, on several devices as
    well (`gather.gathered`).
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    @property
    def published(self) -> Encoder:
        """The encoder that is kept and measured."""
        return self.encoder

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch."""
        raise NotImplementedError

    def after_step(self, at: Moment) -> None:
        """Change what the optimiser does not, such as a teacher; `at` is the step that was just taken."""


def exact(rows: Tensor) -> Tensor:
    """Return `rows` in float32 at least: a network may compute in less, its loss may not."""
    return rows.to(torch.promote_types(rows.dtype, torch.float32))


def exactly(rows: Tensor) -> AbstractContextManager[None]:
    """A block whose matrix products are computed in the type of `rows`, whatever the networks around it use."""
    return torch.autocast(rows.device.type, enabled=False)
