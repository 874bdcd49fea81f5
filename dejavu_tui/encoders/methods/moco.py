"""MoCo v2: momentum contrast (He, Fan, Wu, Xie, Girshick 2020, arXiv 1911.05722) with the temperature and the MLP
head of its second version (Chen, Fan, Girshick, He 2020, arXiv 2003.04297).

The loss is InfoNCE (equation 1) of the first view's query, with the second view's key and a queue of keys. The key
encoder follows with a fixed momentum (equation 2); as in the authors' code it is in train mode, and its batch norm
keeps statistics of its own. The query encoder is published.

Shuffled batch norm is left out: it hides from the query which key shared the device's batch with it, and here batch
norm spans the batch of all devices. What that leaves, that a whole batch has statistics of its own, fades as
batches grow: a batch of 256 or more is advised. The projector has batch norm inside, the authors' head has none.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.queue import QueueContrast
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The defaults are the paper's for ImageNet (algorithm 1; temperature: version 2).

    A queue should hold less than an epoch's images, or an image meets its own older keys as negatives; and a
    training of a few thousand steps wants a momentum of about 0.99.
    """

    temperature: float = Field(default=0.2, gt=0.001, le=10)
    queue: int = Field(default=65536, ge=1, le=1 << 22)
    """Keys in the queue."""
    teacher_momentum: float = Field(default=0.999, ge=0, le=1)
    """Of the key encoder."""


def build(encoder: "Encoder", options: Options, *, classes: int) -> "QueueContrast":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from dejavu_tui.encoders.learners.queue import QueueContrast

    return QueueContrast(
        encoder, length=options.queue, temperature=options.temperature, momentum=options.teacher_momentum
    )
