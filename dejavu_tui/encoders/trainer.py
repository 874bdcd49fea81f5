"""One training of one encoder: steps, snapshots, a log, and a state from which a killed training goes on.

The order of the images is a function of (seed, epoch), a view one of (seed, epoch, image), and the first weights
of the seed alone, so that SSL_A and SSL_B start alike. With the same threads on the same machine, a training that
was stopped or killed and resumed ends with the same bytes as one that was not.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO

import numpy as np
import torch
from numpy.typing import NDArray

from dejavu_tui.artefacts import publish
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.arithmetic import reproducible
from dejavu_tui.encoders.augment import Views
from dejavu_tui.encoders.checkpoints import snapshot_card, write_encoder
from dejavu_tui.encoders.checks import check_weights
from dejavu_tui.encoders.events import open_events
from dejavu_tui.encoders.folders import (
    LOG_FILE,
    SNAPSHOT,
    clear_leftovers,
    events_folder,
    published,
    resume_folder,
    snapshot_folder,
    training_identity,
)
from dejavu_tui.encoders.learner import Batch, Moment
from dejavu_tui.encoders.log import epoch_line, open_log, progress_line, write_epoch
from dejavu_tui.encoders.pace import Pace
from dejavu_tui.encoders.resume import Position, discard_state, load_state, prime, save_state, state_tensors
from dejavu_tui.encoders.schedule import epoch_batches, steps_per_epoch
from dejavu_tui.encoders.sources import ViewSource, view_source
from dejavu_tui.encoders.stepper import Stepper, Taken
from dejavu_tui.encoders.team import ALONE, Team
from dejavu_tui.encoders.trainset import TrainImages
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.records import Progress, Step, Stop, Trainer

_LIBRARIES = ("numpy", "torch", "lightly", "safetensors")


def train(
    images: TrainImages,
    *,
    settings: RunSettings,
    trained_on: Trainer,
    audit: str,
    train_size: int,
    folder: Path,
    progress: Progress,
    stop: Stop,
    team: Team = ALONE,
    events: bool = False,
) -> None:
    """Train an encoder on `images` and publish its snapshots in `folder`; go on where it was stopped.

    `audit` is the fingerprint of the audit; `train_size`, for the card, how many of `images` are of the part
    `trained_on` and not shared; `team`: the processes that do this together; `events`: write files for TensorBoard.

    Raises TrainingError: the loss is not finite, the embeddings have collapsed, or another process is gone.
    ArtefactError: what stands in `folder` is damaged, or of other images. StoppedError: the state is saved.
    """
    with reproducible(threads=settings.threads, device=team.device):
        training = _Training(
            images,
            settings=settings,
            trained_on=trained_on,
            audit=audit,
            train_size=train_size,
            folder=folder,
            team=team,
        )
        training.run(progress, stop, events=events)


class _Training:
    def __init__(
        self,
        images: TrainImages,
        *,
        settings: RunSettings,
        trained_on: Trainer,
        audit: str,
        train_size: int,
        folder: Path,
        team: Team,
    ) -> None:
        self.images, self.train_size, self.team = images, train_size, team
        self.labels = torch.from_numpy(images.labels)
        self.settings, self.trained_on, self.folder = settings, trained_on, folder
        self.identity = training_identity(settings, trained_on=trained_on, audit=audit)
        self.state_identity = {**self.identity, "images": images.sha256()}
        self.per_epoch = steps_per_epoch(len(images), batch=settings.batch)
        self.steps = settings.epochs * self.per_epoch
        self.stepper = Stepper(settings, classes=images.classes, team=team)
        self.step, self.losses = 0, list[dict[str, float]]()

    def run(self, progress: Progress, stop: Stop, *, events: bool) -> None:
        self._resume(progress)
        first = self.step // self.per_epoch + 1
        pace = Pace(first=self.step, steps=self.steps, images_per_step=len(self.images) / self.per_epoch)
        with (
            self._log(epochs=first - 1) as log,
            open_events(events_folder(self.folder) if events and self.team.first else None, epoch=first) as tell,
            view_source(self.images, settings=self.settings, device=self.team.device) as views_of,
        ):
            for epoch in range(first, self.settings.epochs + 1):
                for batch, (places, views) in self._batches(views_of, epoch=epoch):
                    if self.team.agrees(stop()):
                        self._save(log)
                        raise StoppedError(f"training of {self.trained_on} stopped in epoch {epoch}, state saved")
                    if pace.save_is_due():
                        with pace.saving():
                            self._save(log)
                    taken = self._take(views, places, where=f"SSL_{self.trained_on}, epoch {epoch}, batch {batch}")
                    if pace.report_is_due(self.step):
                        detail = progress_line(taken, pace=pace.describe(self.step))
                        done = self.step // self.per_epoch
                        progress(Step(f"train {self.trained_on}", done, self.settings.epochs, detail))
                line = epoch_line(epoch, losses=self.losses, last=taken)
                self.losses.clear()
                write_epoch(log, line)
                tell(line)
                if self.team.first and epoch in self.settings.snapshots and not self._published(epoch):
                    self._publish(epoch)
        if self.team.first:
            discard_state(resume_folder(self.folder))

    def _batches(
        self, views_of: ViewSource, *, epoch: int
    ) -> Iterator[tuple[int, tuple[NDArray[np.int64], Views]]]:
        """Yield number, places and views of this process's share of each batch that is still to come in `epoch`."""
        done = self.step % self.per_epoch
        batches = epoch_batches(self.settings, epoch=epoch, images=len(self.images))[done:]
        shares = [self.team.share(places) for places in batches]
        return enumerate(zip(shares, views_of(shares, epoch=epoch), strict=True), done + 1)

    def _take(self, views: Views, places: NDArray[np.int64], *, where: str) -> Taken:
        labels = self.labels[torch.from_numpy(places)].to(self.team.device)
        at = Moment(self.step, self.steps, self.per_epoch)
        taken = self.stepper.take(Batch(views.large, labels, at, views.small), where=where)
        self.step += 1
        self.losses.append(dict(taken.losses))
        return taken

    @contextmanager
    def _log(self, *, epochs: int) -> Iterator[IO[str]]:
        """Open the log, or what is thrown away in the processes that do not write."""
        if self.team.first:
            with open_log(self.folder / LOG_FILE, epochs=epochs) as log:
                yield log
        else:
            yield StringIO()

    def _published(self, epoch: int) -> bool:
        return published(self.folder, epoch=epoch, identity=self.identity)

    def _publish(self, epoch: int) -> None:
        encoder = self.stepper.learner.published
        check_weights(encoder, where=f"SSL_{self.trained_on}, epoch {epoch}", lr=self.settings.lr)
        card = snapshot_card(self.settings, trained_on=self.trained_on, epoch=epoch, train_size=self.train_size)
        target = snapshot_folder(self.folder, epoch=epoch)
        identity = {**self.identity, "epoch": epoch}
        with publish(target, kind=SNAPSHOT, identity=identity, libraries=_LIBRARIES) as draft:
            write_encoder(encoder, card, folder=draft.folder)
            draft.counts["images"] = len(self.images)

    def _save(self, log: IO[str]) -> None:
        if self.step == 0 or not self.team.first:
            return
        os.fsync(log.fileno())
        optimizer, scaler = self.stepper.optimizer, self.stepper.scaler
        position = Position(self.step, tuple(self.losses), bool(optimizer.state), scaler.state_dict())
        save_state(
            resume_folder(self.folder),
            module=self.stepper.learner,
            optimizer=optimizer,
            position=position,
            identity=self.state_identity,
        )

    def _resume(self, progress: Progress) -> None:
        """Go where the first process finds that this training was; say so if another torch left it there."""
        position = self.team.told(self._saved() if self.team.first else Position())
        if position.step == 0:
            return
        if position.stepped and not self.team.first:
            prime(self.stepper.optimizer)
        self.team.hand_out(state_tensors(self.stepper.learner, self.stepper.optimizer))
        self.stepper.scaler.load_state_dict(dict(position.scaler))
        self.step, self.losses = position.step, list(position.losses)
        if position.torch != torch.__version__:
            told = f"begun by torch {position.torch}, goes on by {torch.__version__}: the last bits may differ"
            done = self.step // self.per_epoch
            progress(Step(f"train {self.trained_on}", done, self.settings.epochs, told))

    def _saved(self) -> Position:
        """Go to the saved position. Raises ArtefactError: a snapshot before it is gone, and only the start could
        make it again.
        """
        clear_leftovers(self.folder)
        state = resume_folder(self.folder)
        learner, optimizer = self.stepper.learner, self.stepper.optimizer
        position = load_state(state, module=learner, optimizer=optimizer, identity=self.state_identity)
        passed = [epoch for epoch in self.settings.snapshots if epoch * self.per_epoch <= position.step]
        for epoch in passed:
            if not self._published(epoch):
                raise ArtefactError(
                    f"is gone, and the training is past it, in epoch {position.step // self.per_epoch + 1}",
                    where=snapshot_folder(self.folder, epoch=epoch),
                    fix=f"put it back, or remove {state} to train from the start, which makes it again",
                )
        return position
