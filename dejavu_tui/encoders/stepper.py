"""Steps of a training: the loss of a batch, and the change of all that learns."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.checks import check_step, embedding_spread
from dejavu_tui.encoders.learner import Batch, Learner
from dejavu_tui.encoders.log import LOSS
from dejavu_tui.encoders.methods import load_method
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.optimizers import make_optimizer, set_rates
from dejavu_tui.encoders.precision import computing, make_scaler
from dejavu_tui.encoders.schedule import learning_rate, weight_decay
from dejavu_tui.encoders.team import Team
from dejavu_tui.seeds import child_seed


@dataclass(frozen=True)
class Taken:
    """What a step gave: its loss and the parts of it, by name; the embeddings' spread; and the rates it was taken
    with.
    """

    losses: Mapping[str, float]
    spread: float
    lr: float
    weight_decay: float


class Stepper:
    """What learns, at the start of a training: its first weights are a function of the seed alone."""

    def __init__(self, settings: RunSettings, *, classes: int, team: Team) -> None:
        self._settings, self._team = settings, team
        method = load_method(settings.method)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(child_seed(settings.seed, "weights"))
            encoder = Encoder(settings.arch, settings.projector, stem=settings.stem, size=settings.input_size)
            options = method.Options.parse(settings.options, where="options")
            learner: Learner = method.build(encoder, options, classes=classes)
        self.learner = team.spread_out(learner).train()
        self.optimizer = make_optimizer(self.learner, settings)
        self.scaler = make_scaler(settings.precision, device=team.device)

    def take(self, batch: Batch, *, where: str) -> Taken:
        """Take one step; `batch` is this process's share.

        Raises TrainingError, naming `where`, before anything has changed: the loss is not finite, or the embeddings
        have collapsed.
        """
        with computing(self._settings.precision, device=self._team.device):
            loss, embedding, terms = self.learner(batch)
        numbers = torch.stack([embedding_spread(embedding), loss.detach(), *terms.values()])
        spread, *values = numbers.tolist()  # one wait for the device
        losses = dict(zip((LOSS, *terms), values, strict=True))
        check_step(loss=losses[LOSS], spread=spread, where=where, lr=self._settings.lr)
        lr = learning_rate(self._settings, step=batch.at.step, steps=batch.at.steps)
        decay = weight_decay(self._settings, step=batch.at.step, steps=batch.at.steps)
        set_rates(self.optimizer, lr=lr, weight_decay=decay)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self._team.sum_gradients(self.learner)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.learner.after_step(batch.at)
        return Taken(losses, spread, lr, decay)
