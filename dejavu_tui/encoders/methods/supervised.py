"""The supervised classifier CLF_A that self-supervised encoders are compared with (Meehan, Bordes, Vincent,
Chaudhuri, Guo 2023, section 4, arXiv 2304.13850): cross-entropy on the same views of the same images.

Both views of an image are classified, so that an epoch shows this encoder what it shows the others; the authors'
code shows it the first one twice. The classifier is linear on the projector (their code has batch norm and ReLU
between), and no layer of the encoder: it is not published.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.classifier import Classifying
    from dejavu_tui.encoders.network import Encoder


LABELS = True


class Options(Settings):
    """The paper trains with cross-entropy alone: no label is smoothed."""

    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    """Share of each label that is spread evenly over all classes."""


def build(encoder: "Encoder", options: Options, *, classes: int) -> "Classifying":
    """Return the learner of `encoder`."""
    from dejavu_tui.encoders.learners.classifier import Classifying

    return Classifying(encoder, classes=classes, label_smoothing=options.label_smoothing)
