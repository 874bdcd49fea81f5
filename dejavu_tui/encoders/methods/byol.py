"""BYOL: bootstrap your own latent (Grill, Strub, Altché, Tallec, Richemond, … Valko 2020, arXiv 2006.07733).

The loss is equation 2 in both directions; the target network's momentum rises to 1 on a cosine (section 3.2). As
in the authors' code each view goes through the networks on its own, and the target network is in train mode: its
batch norm uses the batch, and keeps statistics of its own. Unlike there, it starts as a copy of the online network,
which the authors found to make no difference. The online backbone and projector are published, not the predictor.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.predictors import PredictingTeacher
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The defaults are the paper's for 1000 epochs of ImageNet; for 100 and 300 its authors start at 0.99, for 40
    at 0.97. What counts is the number of steps: a training of a few thousand wants 0.97 to 0.99.
    """

    teacher_momentum: float = Field(default=0.996, ge=0, le=1)
    """Of the target network, at the start."""
    predictor: int = Field(default=4096, ge=1, le=65536)
    """Width of the predictor's inner layer."""


def build(encoder: "Encoder", options: Options, *, classes: int) -> "PredictingTeacher":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from torch import nn

    from dejavu_tui.encoders.heads import projector
    from dejavu_tui.encoders.learners.predictors import PredictingTeacher

    width = encoder.dims["projector"]
    blocks, _ = projector(width, f"{options.predictor}-{width}")
    return PredictingTeacher(encoder, nn.Sequential(*blocks), momentum=options.teacher_momentum)
