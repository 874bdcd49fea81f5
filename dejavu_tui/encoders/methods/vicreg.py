"""VICReg: variance-invariance-covariance regularisation (Bardes, Ponce, LeCun 2022, arXiv 2105.04906).

The terms follow the authors' code where that differs from the paper's equations, as lightly's do: the invariance
term is the mean over the dimensions too (equation 5 sums them), and the variance term is halved
(equation 6 adds both views' terms). Batch norm sees each view alone, as in the authors' code.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from dejavu_tui.encoders.learners.pairs import SeparatePasses
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """Weights of the three terms; the defaults are the paper's (section 4.2)."""

    invariance: float = Field(default=25.0, ge=0)
    variance: float = Field(default=25.0, ge=0)
    covariance: float = Field(default=1.0, ge=0)


def build(encoder: "Encoder", options: Options, *, classes: int) -> "SeparatePasses":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from lightly.loss.vicreg_loss import invariance_loss, variance_loss

    from dejavu_tui.encoders.learners.correlation import off_diagonal
    from dejavu_tui.encoders.learners.pairs import SeparatePasses

    def covariance_loss(rows: "Tensor") -> "Tensor":
        centred = rows - rows.mean(dim=0)
        covariance = centred.T @ centred / (len(rows) - 1)  # (d, d)
        return off_diagonal(covariance).pow(2).sum() / rows.shape[1]

    def loss(first: "Tensor", second: "Tensor") -> "tuple[Tensor, dict[str, Tensor]]":
        invariance = invariance_loss(first, second)
        variance = 0.5 * (variance_loss(first) + variance_loss(second))
        covariance = covariance_loss(first) + covariance_loss(second)
        total = options.invariance * invariance + options.variance * variance + options.covariance * covariance
        return total, {"invariance": invariance, "variance": variance, "covariance": covariance}

    return SeparatePasses(encoder, loss)
