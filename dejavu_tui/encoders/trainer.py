"""One training of one encoder: steps, snapshots, a log, and a state from which a killed training goes on.

The order of the images is a function of (seed, epoch), a view one of (seed, epoch, image), and the first weights
of the seed alone, so that SSL_A and SSL_B start alike. With the same threads on the same machine, a training that
was stopped or killed and resumed ends with the same bytes as one that was not.
"""

import os
from pathlib import Path
from typing import IO

import torch
from torch import Tensor

from dejavu_tui.artefacts import publish
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.arithmetic import reproducible
from dejavu_tui.encoders.augment import Views
from dejavu_tui.encoders.checkpoints import snapshot_card, write_encoder
from dejavu_tui.encoders.checks import check_step, check_weights, embedding_spread
from dejavu_tui.encoders.folders import (
    LOG_FILE,
    SNAPSHOT,
    clear_leftovers,
    published,
    resume_folder,
    snapshot_folder,
    training_identity,
)
from dejavu_tui.encoders.learner import Batch, Learner, Moment
from dejavu_tui.encoders.log import LOSS, epoch_means, open_log, progress_line, write_epoch
from dejavu_tui.encoders.methods import load_method
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.optimizers import make_optimizer, set_rates
from dejavu_tui.encoders.pace import Pace
from dejavu_tui.encoders.resume import Position, discard_state, load_state, save_state
from dejavu_tui.encoders.schedule import epoch_batches, learning_rate, steps_per_epoch, weight_decay
from dejavu_tui.encoders.sources import view_source
from dejavu_tui.encoders.trainset import TrainSet
from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Progress, Step, Stop, Trainer
from dejavu_tui.seeds import child_seed

_LIBRARIES = ("numpy", "torch", "lightly", "safetensors")


def train(
    images: TrainSet,
    *,
    settings: RunSettings,
    trained_on: Trainer,
    audit: str,
    train_size: int,
    folder: Path,
    progress: Progress,
    stop: Stop,
) -> None:
    """Train an encoder on `images` and publish its snapshots in `folder`; go on where it was stopped.

    `audit` is the fingerprint of the audit; `train_size`, for the card, how many of `images` are of the part
    `trained_on` and not shared. Raises TrainingError: the loss is not finite, or the embeddings have
    collapsed. ArtefactError: what stands in `folder` is damaged, or of other images. StoppedError: the state is
    saved.
    """
    with reproducible(threads=settings.threads):
        training = _Training(
            images, settings=settings, trained_on=trained_on, audit=audit, train_size=train_size, folder=folder
        )
        training.run(progress, stop)


class _Training:
    def __init__(
        self,
        images: TrainSet,
        *,
        settings: RunSettings,
        trained_on: Trainer,
        audit: str,
        train_size: int,
        folder: Path,
    ) -> None:
        self.images, self.train_size = images, train_size
        self.labels = torch.from_numpy(images.labels)
        self.settings, self.trained_on, self.folder = settings, trained_on, folder
        self.name = f"SSL_{trained_on}"
        self.identity = training_identity(settings, trained_on=trained_on, audit=audit)
        self.per_epoch = steps_per_epoch(len(images), batch=settings.batch)
        self.steps = settings.epochs * self.per_epoch
        self._begin()

    def _begin(self) -> None:
        method = load_method(self.settings.method)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(child_seed(self.settings.seed, "weights"))
            encoder = Encoder(
                self.settings.arch, self.settings.projector
            )
            options = method.Options.parse(self.settings.options, where="options")
            learner: Learner = method.build(encoder, options, classes=self.images.classes)
        self.learner = learner.to(memory_format=torch.channels_last).train()
        self.optimizer = make_optimizer(self.learner, self.settings)
        self.step, self.passed = 0, list[dict[str, float]]()

    def run(self, progress: Progress, stop: Stop) -> None:
        self._resume()
        pace = Pace(first=self.step, steps=self.steps, images_per_step=len(self.images) / self.per_epoch)
        with (
            open_log(self.folder / LOG_FILE, epochs=self.step // self.per_epoch) as log,
            view_source(self.images, settings=self.settings) as views_of,
        ):
            for epoch in range(self.step // self.per_epoch + 1, self.settings.epochs + 1):
                done = self.step % self.per_epoch
                batches = epoch_batches(self.settings, epoch=epoch, images=len(self.images))[done:]
                shown = zip(batches, views_of(batches, epoch=epoch), strict=True)
                for batch, (places, views) in enumerate(shown, done + 1):
                    if stop():
                        self._save(log)
                        raise StoppedError(f"training of {self.trained_on} stopped in epoch {epoch}, state saved")
                    if pace.save_is_due():
                        with pace.saving():
                            self._save(log)
                    self._set_rates()
                    spread = self._advance(views, torch.from_numpy(places), where=f"epoch {epoch}, batch {batch}")
                    if pace.report_is_due(self.step):
                        detail = progress_line(
                            self.passed[-1], lr=self.lr, spread=spread, pace=pace.describe(self.step)
                        )
                        done_epochs = self.step // self.per_epoch
                        progress(Step(f"train {self.trained_on}", done_epochs, self.settings.epochs, detail))
                means = epoch_means(self.passed)
                self.passed.clear()
                write_epoch(
                    log, epoch=epoch, means=means, lr=self.lr, weight_decay=self.weight_decay, spread=spread
                )
                if epoch in self.settings.snapshots and not self._published(epoch):
                    self._publish(epoch)
        discard_state(resume_folder(self.folder))

    def _set_rates(self) -> None:
        self.lr = learning_rate(self.settings, step=self.step, steps=self.steps)
        self.weight_decay = weight_decay(self.settings, step=self.step, steps=self.steps)
        set_rates(self.optimizer, lr=self.lr, weight_decay=self.weight_decay)

    def _advance(self, views: Views, places: Tensor, *, where: str) -> float:
        """Take one step and note its loss; return the embeddings' spread."""
        at = Moment(self.step, self.steps, self.per_epoch)
        loss, embedding, terms = self.learner(Batch(views.large, self.labels[places], at, views.small))
        numbers = torch.stack([embedding_spread(embedding), loss.detach(), *terms.values()])
        spread, *parts = numbers.tolist()  # one wait for the device
        step = dict(zip((LOSS, *terms), parts, strict=True))
        check_step(loss=step[LOSS], spread=spread, where=f"{self.name}, {where}", lr=self.settings.lr)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.learner.after_step(at)
        self.step += 1
        self.passed.append(step)
        return spread

    def _published(self, epoch: int) -> bool:
        return published(self.folder, epoch=epoch, identity=self.identity)

    def _publish(self, epoch: int) -> None:
        check_weights(self.learner.published, where=f"{self.name}, epoch {epoch}", lr=self.settings.lr)
        card = snapshot_card(self.settings, trained_on=self.trained_on, epoch=epoch, train_size=self.train_size)
        target = snapshot_folder(self.folder, epoch=epoch)
        identity = {**self.identity, "epoch": epoch}
        with publish(target, kind=SNAPSHOT, identity=identity, libraries=_LIBRARIES) as draft:
            write_encoder(self.learner.published, card, folder=draft.folder)
            draft.counts["images"] = len(self.images)

    def _state_identity(self) -> dict[str, object]:
        return {**self.identity, "images": self.images.sha256()}

    def _save(self, log: IO[str]) -> None:
        if self.step == 0:
            return
        os.fsync(log.fileno())
        save_state(
            resume_folder(self.folder),
            module=self.learner,
            optimizer=self.optimizer,
            position=Position(self.step, tuple(self.passed)),
            identity=self._state_identity(),
        )

    def _resume(self) -> None:
        """Go to the saved position, or to the start if a snapshot before it is gone: only that can remake it."""
        clear_leftovers(self.folder)
        state = resume_folder(self.folder)
        position = load_state(state, module=self.learner, optimizer=self.optimizer, identity=self._state_identity())
        passed = [epoch for epoch in self.settings.snapshots if epoch * self.per_epoch <= position.step]
        if all(self._published(epoch) for epoch in passed):
            self.step, self.passed = position.step, list(position.passed)
        else:
            discard_state(state)
            self._begin()
