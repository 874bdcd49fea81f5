"""Self-distillation: what a teacher makes of the large views, a student has to tell from all other views."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.encoders.gather import gathered, summed
from dejavu_tui.encoders.learner import Batch, Learner, Moment, Outcome, exact
from dejavu_tui.encoders.learners.teacher import follow, make_teacher
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.schedule import cosine


@dataclass(frozen=True)
class TeacherTemperature:
    """Rises linearly, epoch by epoch, from `first` to `last` in the first `epochs` epochs, and stays."""

    first: float
    last: float
    epochs: int

    def at(self, epoch: int) -> float:
        """Return the temperature after `epoch` epochs."""
        if epoch >= self.epochs:
            return self.last
        return self.first + (self.last - self.first) * epoch / max(self.epochs - 1, 1)


class Prototypes(nn.Module):
    """The cosines, (n, count), of embeddings (n, width) and `count` learned directions: a last layer without bias
    whose weights are normalised.
    """

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.Linear(width, count, bias=False).weight.detach())

    def forward(self, embeddings: Tensor, *, frozen: bool = False) -> Tensor:
        """Return the cosines; `frozen`: no gradient moves the prototypes."""
        directions = F.normalize(self.weight)  # (count, width)
        if frozen:  # a gradient of zero, not none: optimiser, resuming and devices then need no other way
            directions = directions.detach() + 0 * directions
        return F.linear(F.normalize(embeddings), directions)


class SelfDistillation(Learner):
    """A student that sees all views, and its teacher, in train mode, that sees the large ones.

    Views of one size go through the network together. The loss is the cross-entropy of the student's distribution
    over the prototypes under the teacher's, the mean over all pairs of a large view of the teacher and another view
    of the student. The teacher's distribution is centred by a moving mean of its outputs and sharpened by a lower
    temperature; its momentum rises from `momentum` to 1 on a cosine.

    The terms are the entropy of the teacher's distributions and the divergence of the student's from them, which
    add up to the loss; a divergence of zero is a collapse.
    """

    centre: Tensor
    """(prototypes)"""

    def __init__(
        self,
        encoder: Encoder,
        *,
        prototypes: int,
        student_temperature: float,
        teacher_temperature: TeacherTemperature,
        momentum: float,
        centre_momentum: float,
        frozen_epochs: int,
    ) -> None:
        super().__init__(encoder)
        self.prototypes = Prototypes(encoder.dims["projector"], prototypes)
        self.teacher = make_teacher(encoder)
        self.teacher_prototypes = make_teacher(self.prototypes)
        self.register_buffer("centre", torch.zeros(prototypes))
        self.student_temperature, self.teacher_temperature = student_temperature, teacher_temperature
        self.momentum, self.centre_momentum, self.frozen_epochs = momentum, centre_momentum, frozen_epochs

    @property
    def published(self) -> Encoder:
        """The teacher."""
        return self.teacher

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch, and move the centre."""
        with torch.no_grad():
            embeddings = exact(self.teacher(torch.cat(batch.large))[-1])  # (2n, d)
            cosines = exact(self.teacher_prototypes(embeddings))  # (2n, k)
            temperature = self.teacher_temperature.at(batch.at.epoch)
            taught = F.softmax((cosines - self.centre) / temperature, dim=1).chunk(2)  # 2 x (n, k)
            self._move_centre(cosines)
        learnt = self._learnt(batch)  # views x (n, k)
        every = torch.stack(learnt).sum(0)  # (n, k)
        pairs = 2 * (len(learnt) - 1)
        losses = [-(p * (every - own)).sum(1) for p, own in zip(taught, learnt[:2], strict=True)]  # 2 x (n)
        loss = gathered(torch.stack(losses, 1)).sum(1).mean() / pairs
        entropies = [torch.special.entr(p).sum(1) for p in taught]  # 2 x (n)
        entropy = gathered(torch.stack(entropies, 1)).mean()
        terms = {"entropy": entropy, "divergence": loss.detach() - entropy}
        return Outcome(loss, gathered(embeddings.chunk(2)[0]), terms)

    def after_step(self, at: Moment) -> None:
        """Let the teacher follow."""
        momentum = cosine(self.momentum, 1, at.share)
        follow(self.encoder, teacher=self.teacher, momentum=momentum)
        follow(self.prototypes, teacher=self.teacher_prototypes, momentum=momentum)

    def _learnt(self, batch: Batch) -> list[Tensor]:
        """Return the logarithms, (n, k) each, of the student's distributions of all views, the large ones first."""
        frozen = batch.at.epoch < self.frozen_epochs
        learnt: list[Tensor] = []
        for views in (batch.large, batch.small):
            if views:
                cosines = exact(self.prototypes(self.encoder(torch.cat(views))[-1], frozen=frozen))
                learnt += F.log_softmax(cosines / self.student_temperature, dim=1).chunk(len(views))
        return learnt

    def _move_centre(self, cosines: Tensor) -> None:
        mean = summed(cosines.sum(0)) / summed(cosines.new_tensor(len(cosines)))  # (k)
        self.centre.lerp_(mean, 1 - self.centre_momentum)
