"""Methods that predict, from the embedding of one view, what a target network makes of the other view."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.encoders.gather import gathered
from dejavu_tui.encoders.learner import Batch, Learner, Moment, Outcome, exact
from dejavu_tui.encoders.learners.teacher import follow, make_teacher
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.schedule import cosine


class Predicting(Learner):
    """An encoder and a predictor on top of its projector; each view goes through them on its own."""

    def __init__(self, encoder: Encoder, predictor: nn.Module) -> None:
        super().__init__(encoder)
        self.predictor = predictor

    def agreement(self, embeddings: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor]) -> Tensor:
        """Return the cosine, -1 to 1, of the prediction from each view and the target of the other, the mean over
        both directions and all images. `embeddings`, `targets`: of the first and the second view, (n, d) each.
        """
        first, second = (exact(self.predictor(embedding)) for embedding in embeddings)
        one, other = (exact(target) for target in targets)
        cosines = F.cosine_similarity(first, other) + F.cosine_similarity(second, one)  # (n)
        return gathered(cosines).mean() / 2


class PredictingItself(Predicting):
    """The target is the encoder itself, without a gradient. The loss, -1 to 1, is minus the agreement."""

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch."""
        first, second = (self.encoder(view)[-1] for view in batch.large)  # (n, d) each
        targets = first.detach(), second.detach()
        return Outcome(-self.agreement((first, second), targets), gathered(targets[0]), {})


class PredictingTeacher(Predicting):
    """The target is a teacher of the encoder, in train mode, whose momentum rises from `momentum` to 1 on a cosine.

    The loss, 0 to 8, is the squared distance of prediction and target, each of length 1, both directions added.
    """

    def __init__(self, encoder: Encoder, predictor: nn.Module, *, momentum: float) -> None:
        super().__init__(encoder, predictor)
        self.teacher = make_teacher(encoder)
        self.momentum = momentum

    def forward(self, batch: Batch) -> Outcome:
        """Return the loss of a batch."""
        first, second = (self.encoder(view)[-1] for view in batch.large)  # (n, d) each
        with torch.no_grad():
            targets = self.teacher(batch.large[0])[-1], self.teacher(batch.large[1])[-1]
        loss = 4 - 4 * self.agreement((first, second), targets)
        return Outcome(loss, gathered(first.detach()), {})

    def after_step(self, at: Moment) -> None:
        """Let the teacher follow."""
        follow(self.encoder, teacher=self.teacher, momentum=cosine(self.momentum, 1, at.share))
