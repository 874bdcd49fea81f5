"""One training of one encoder: steps, snapshots, a log, and a state from which a killed training goes on.

The order of the images is a function of (seed, epoch), a view one of (seed, epoch, image), and the first weights
of the seed alone, so that SSL_A and SSL_B start alike. With the same threads on the same machine, a training that
was stopped or killed and resumed ends with the same bytes as one that was not.
"""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.artefacts import publish
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.augment import Views
from dejavu_tui.encoders.checkpoints import snapshot_card, write_encoder
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
from dejavu_tui.encoders.methods import load_method
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.optimizers import make_optimizer, set_rates
from dejavu_tui.encoders.pace import Pace
from dejavu_tui.encoders.resume import Position, discard_state, load_state, save_state
from dejavu_tui.encoders.schedule import epoch_batches, learning_rate, steps_per_epoch, weight_decay
from dejavu_tui.encoders.sources import view_source
from dejavu_tui.encoders.trainset import TrainSet
from dejavu_tui.errors import ArtefactError, StoppedError, TrainingError
from dejavu_tui.records import Progress, Step, Stop, Trainer
from dejavu_tui.seeds import child_seed

_COLLAPSED = 1e-3
_SHORT = 1e-3
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
    with _torch_set(threads=settings.threads):
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
        self.identity = training_identity(settings, trained_on=trained_on, audit=audit)
        self.per_epoch = steps_per_epoch(len(images), batch=settings.batch)
        self.steps = settings.epochs * self.per_epoch
        self._begin()

    def _begin(self) -> None:
        method = load_method(self.settings.method)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(child_seed(self.settings.seed, "weights"))
            encoder = Encoder(self.settings.arch, self.settings.projector)
            options = method.Options.parse(self.settings.options, where="options")
            learner: Learner = method.build(encoder, options, classes=self.images.classes)
        self.learner = learner.to(memory_format=torch.channels_last).train()
        self.optimizer = make_optimizer(self.learner, self.settings)
        self.step, self.losses = 0, list[float]()

    def run(self, progress: Progress, stop: Stop) -> None:
        self._resume()
        pace = Pace(first=self.step, steps=self.steps, images_per_step=len(self.images) / self.per_epoch)
        with (
            _open_log(self.folder / LOG_FILE, epochs=self.step // self.per_epoch) as log,
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
                    rate, spread = self._advance(views, torch.from_numpy(places), epoch=epoch, batch=batch)
                    if pace.report_is_due(self.step):
                        detail = f"loss {self.losses[-1]:.3f}, {pace.describe(self.step)}"
                        done_epochs = self.step // self.per_epoch
                        progress(Step(f"train {self.trained_on}", done_epochs, self.settings.epochs, detail))
                loss = math.fsum(self.losses) / len(self.losses)
                self.losses.clear()
                log.write(json.dumps({"epoch": epoch, "loss": loss, "lr": rate, "spread": spread}) + "\n")
                log.flush()
                if epoch in self.settings.snapshots and not self._published(epoch):
                    self._publish(epoch)
        discard_state(resume_folder(self.folder))

    def _advance(self, views: Views, places: Tensor, *, epoch: int, batch: int) -> tuple[float, float]:
        """Take one step and note its loss; return the learning rate and the embeddings' spread."""
        at = Moment(self.step, self.steps, self.per_epoch)
        loss, embedding, _ = self.learner(Batch(views.large, self.labels[places], at, views.small))
        value, spread = float(loss.item()), embedding_spread(embedding)
        self._check(value, spread, epoch=epoch, batch=batch)
        rate = learning_rate(self.settings, step=self.step, steps=self.steps)
        decay = weight_decay(self.settings, step=self.step, steps=self.steps)
        set_rates(self.optimizer, lr=rate, weight_decay=decay)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.learner.after_step(at)
        self.step += 1
        self.losses.append(value)
        return rate, spread

    def _check(self, loss: float, spread: float, *, epoch: int, batch: int) -> None:
        where = f"SSL_{self.trained_on}, epoch {epoch}, batch {batch}"
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss}",
                where=where,
                fix=f"try a lower learning rate (--set lr={self.settings.lr / 4:g})",
            )
        if spread < _COLLAPSED:
            raise TrainingError(
                f"the embeddings have collapsed (spread {spread:.1e})",
                where=where,
                fix=f"try a lower learning rate (--set lr={self.settings.lr / 4:g}) or a larger batch",
            )

    def _published(self, epoch: int) -> bool:
        return published(self.folder, epoch=epoch, identity=self.identity)

    def _publish(self, epoch: int) -> None:
        weights = self.learner.published.state_dict()
        broken = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
        if broken:
            raise TrainingError(
                f"the weights {broken[0]} are not finite",
                where=f"SSL_{self.trained_on}, epoch {epoch}",
                fix=f"try a lower learning rate (--set lr={self.settings.lr / 4:g})",
            )
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
            position=Position(self.step, tuple(self.losses)),
            identity=self._state_identity(),
        )

    def _resume(self) -> None:
        """Go to the saved position, or to the start if a snapshot before it is gone: only that can remake it."""
        clear_leftovers(self.folder)
        state = resume_folder(self.folder)
        position = load_state(state, module=self.learner, optimizer=self.optimizer, identity=self._state_identity())
        passed = [epoch for epoch in self.settings.snapshots if epoch * self.per_epoch <= position.step]
        if all(self._published(epoch) for epoch in passed):
            self.step, self.losses = position.step, list(position.losses)
        else:
            discard_state(state)
            self._begin()


def embedding_spread(embedding: Tensor) -> float:
    """Return how far the embeddings (n, d), each scaled to length 1, are spread: 0 all equal, 1 in all directions.

    It is the mean standard deviation over the dimensions, times the square root of d. Embeddings so short that they
    vanish are scaled less, so that a collapse to zero shows too.
    """
    directions = F.normalize(embedding, dim=1, eps=_SHORT)
    return float(directions.std(dim=0, correction=0).mean().item()) * math.sqrt(embedding.shape[1])


@contextmanager
def _open_log(path: Path, *, epochs: int) -> Iterator[IO[str]]:
    """Open the log to append after the lines of the first `epochs` epochs; later ones are cut off."""
    path.touch(mode=0o600)
    lines = path.read_bytes().split(b"\n")[:-1]
    if len(lines) < epochs:
        raise ArtefactError(
            f"has {len(lines)} of {epochs} epochs",
            where=path,
            fix=f"remove {path.parent} to begin this training again",
        )
    with path.open("r+", encoding="utf-8") as log:
        log.truncate(sum(len(line) + 1 for line in lines[:epochs]))
        log.seek(0, os.SEEK_END)
        yield log


@contextmanager
def _torch_set(*, threads: int) -> Iterator[None]:
    """Compute with `threads` threads and only by operations that always give the same bytes.

    Filling new memory first, which torch does in that mode, costs 8% of a step and changes no result.
    """
    before, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory = vars(torch.utils)["deterministic"]  # its one property is invisible to type checkers
    filling = memory.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.use_deterministic_algorithms(deterministic)
        memory.fill_uninitialized_memory = filling
