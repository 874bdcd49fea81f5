"""SimSiam: exploring simple Siamese representation learning (Chen, He 2020, arXiv 2011.10566).

The loss is equations 1 to 4: minus the cosine of each view's prediction and the other view's embedding, through
which no gradient passes. Each view goes through the network on its own, as in the authors' code. Unlike there, the
projector's last layer has no batch norm (the paper's "hidden-only", table 3: 67.4% instead of 68.1%), and the
predictor's learning rate falls with the others (table 1: 67.7%).
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.predictors import PredictingItself
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The default is the paper's, a quarter of its projector's 2048: a bottleneck (section 4.2, appendix B)."""

    predictor: int = Field(default=512, ge=1, le=65536)
    """Width of the predictor's inner layer."""


def build(encoder: "Encoder", options: Options, *, classes: int) -> "PredictingItself":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from torch import nn

    from dejavu_tui.encoders.learners.predictors import PredictingItself

    width = encoder.dims["projector"]
    predictor = nn.Sequential(
        nn.Linear(width, options.predictor, bias=False),
        nn.BatchNorm1d(options.predictor),
        nn.ReLU(inplace=True),
        nn.Linear(options.predictor, width),
    )
    return PredictingItself(encoder, predictor)
