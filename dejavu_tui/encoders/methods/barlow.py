"""Barlow Twins: redundancy reduction (Zbontar, Jing, Misra, LeCun, Deny 2021, arXiv 2103.03230).

The loss pulls the cross-correlation of the two views' embeddings towards the identity (equations 1 and 2); the
deviations carry batch norm's 1e-5, as in the authors' code. Batch norm sees each view alone, as there.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from dejavu_tui.encoders.learners.pairs import SeparatePasses
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The weight of the off-diagonal terms, lambda, is the paper's (section 2.2).

    It fits a projector as wide as the paper's (8192-8192-8192): the terms grow with its square, so one of a few
    hundred wants a larger weight.
    """

    redundancy: float = Field(default=5e-3, ge=0, le=10)


def build(encoder: "Encoder", options: Options, *, classes: int) -> "SeparatePasses":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from torch.nn.functional import batch_norm

    from dejavu_tui.encoders.learners.correlation import off_diagonal
    from dejavu_tui.encoders.learners.pairs import SeparatePasses

    def loss(first: "Tensor", second: "Tensor") -> "tuple[Tensor, dict[str, Tensor]]":
        one, other = (batch_norm(rows, None, None, training=True) for rows in (first, second))  # (n, d) each
        correlation = one.T @ other / len(one)  # (d, d)
        invariance = (1 - correlation.diagonal()).pow(2).sum()
        redundancy = off_diagonal(correlation).pow(2).sum()
        return invariance + options.redundancy * redundancy, {"invariance": invariance, "redundancy": redundancy}

    return SeparatePasses(encoder, loss)
