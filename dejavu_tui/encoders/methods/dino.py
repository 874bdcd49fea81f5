"""DINO: self-distillation with no labels (Caron, Touvron, Misra, Jégou, Mairal, Bojanowski, Joulin 2021,
arXiv 2104.14294).

The loss is equations 1 to 3 with the centre of equation 4: the student sees all views, the teacher the two large
ones. As in the authors' code views of one size go through the network together, the teacher is in train mode and
its batch norm keeps statistics of its own, the prototypes are weight-normed and frozen in the first epoch, and the
centre moves after each batch. The teacher's backbone and projector are published: its head before the prototypes.

Unlike there, the projector has batch norm and ReLU where the authors' head for ViTs has GELU alone, gradients are
not clipped, and the frozen prototypes take a gradient of zero, not none.
"""

from typing import TYPE_CHECKING

from pydantic import Field

from dejavu_tui.config import Settings

if TYPE_CHECKING:
    from dejavu_tui.encoders.learners.distillation import SelfDistillation
    from dejavu_tui.encoders.network import Encoder


class Options(Settings):
    """The defaults are the paper's (section 3.1 and "Implementation details"), for ImageNet.

    What the paper's training needs beside them, as settings of the run: the projector 2048-2048-256; eight or ten
    small views (`small_views`) of at most 40% of the image, large ones of at least 40% (`scale_min`); a weight
    decay that rises from 0.04 to 0.4. Small sets want fewer prototypes (1024 to 4096), and trainings of a few
    thousand steps a momentum of about 0.99 and a temperature that stays at 0.04.
    """

    prototypes: int = Field(default=65536, ge=2, le=1 << 20)
    student_temperature: float = Field(default=0.1, gt=0.001, le=10)
    teacher_temperature_first: float = Field(default=0.04, gt=0.001, le=10)
    teacher_temperature: float = Field(default=0.07, gt=0.001, le=10)
    teacher_warmup: int = Field(default=30, ge=0)
    """Epochs in which the teacher's temperature rises from the first to the last."""
    teacher_momentum: float = Field(default=0.996, ge=0, le=1)
    """Of the teacher, at the start."""
    centre_momentum: float = Field(default=0.9, ge=0, le=1)
    frozen_epochs: int = Field(default=1, ge=0)
    """Epochs in which the prototypes stay as they are."""


def build(encoder: "Encoder", options: Options, *, classes: int) -> "SelfDistillation":  # noqa: ARG001  labels play no part
    """Return the learner of `encoder`."""
    from dejavu_tui.encoders.learners.distillation import SelfDistillation, TeacherTemperature

    return SelfDistillation(
        encoder,
        prototypes=options.prototypes,
        student_temperature=options.student_temperature,
        teacher_temperature=TeacherTemperature(
            options.teacher_temperature_first, options.teacher_temperature, options.teacher_warmup
        ),
        momentum=options.teacher_momentum,
        centre_momentum=options.centre_momentum,
        frozen_epochs=options.frozen_epochs,
    )
