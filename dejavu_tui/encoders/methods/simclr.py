"""SimCLR: contrastive learning of visual representations (Chen, Kornblith, Norouzi, Hinton 2020, arXiv 2002.05709).

The loss is NT-Xent (equation 1, averaged as in algorithm 1), lightly's. Both views go through the network in
one pass, so that batch norm sees them together, as in the authors' code.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.pairs import JointPass
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The paper tries temperatures from 0.05 to 1 (table 5, appendix B.9): 0.1 is its choice for ImageNet,
    0.5 for CIFAR-10; the audited paper takes 0.15.
    """

    temperature: float = Field(default=0.15, gt=0.001, le=10)


def build(encoder: "Encoder", options: Options, *, classes: int) -> "JointPass":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from lightly.loss.ntx_ent_loss import NTXentLoss

    from dejavu_tui.encoders.learners.pairs import JointPass

    contrast = NTXentLoss(temperature=options.temperature)
    return JointPass(encoder, lambda first, second: (contrast(first, second), {}))
