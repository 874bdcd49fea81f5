"""Views, steps, and what a step is spent on, beside lightly's example of VICReg; run with `make bench`.

Both do the same operations on the same images, which lightly is given decoded, as in its example with CIFAR-10: two
workers make its views while two threads train; ours are made by the two threads that train.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from lightly.loss import VICRegLoss
from lightly.models.modules.heads import VICRegProjectionHead
from lightly.transforms.vicreg_transform import VICRegTransform
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders.arithmetic import reproducible
from dejavu_tui.encoders.backbones import build_backbone
from dejavu_tui.encoders.learner import Batch, Moment
from dejavu_tui.encoders.schedule import epoch_batches
from dejavu_tui.encoders.sources import ViewSource, view_source
from dejavu_tui.encoders.stepper import Stepper
from dejavu_tui.encoders.team import Team
from dejavu_tui.encoders.trainset import TrainFiles, TrainSet

BATCH, THREADS, ROUNDS = 150, 2, 3
WIDTH = 256
SAME_OPERATIONS = AugmentSettings(
    brightness=0.4, contrast=0.4, saturation=0.2, hue=0.1, blur=(0.5, 0.5), solarize=(0.1, 0.1)
)
Pass = Callable[[], None]
"""Goes through all images once."""


@dataclass(frozen=True)
class Task:
    arch: str
    size: int
    images: int

    @property
    def settings(self) -> RunSettings:
        return RunSettings(
            method="vicreg",
            arch=self.arch,
            epochs=1,
            snapshots=(1,),
            batch=BATCH,
            threads=THREADS,
            input_size=self.size,
            projector=f"{WIDTH}-{WIDTH}-{WIDTH}",
            augment=SAME_OPERATIONS,
        )

    def train_set(self) -> TrainSet:
        """Images of noise: no operation takes longer or shorter for it."""
        ids = np.arange(self.images)
        pixels = np.random.default_rng(0).integers(0, 256, (self.images, self.size, self.size, 3), np.uint8)
        return TrainSet(pixels, ids, np.ones(self.images, np.float32), ids, self.images)

    def pictures(self) -> list[Image.Image]:
        """Return the same images as lightly takes them."""
        return [Image.fromarray(one) for one in self.train_set().pixels]


CONVNET = Task("convnet", 32, 6000), Task("convnet", 96, 1500)
RESNET = Task("resnet18", 32, 600), Task("resnet18", 96, 300)


@pytest.mark.bench
@pytest.mark.parametrize(("task", "times"), [(CONVNET[0], 5.0), (CONVNET[1], 1.0)], ids=str)
def test_views_are_made_several_times_as_fast(task: Task, times: float) -> None:
    with view_source(task.train_set(), settings=task.settings) as views_of:
        rates = best_rates(task, our_views(task, views_of), their_views(task, task.pictures()))
    print(f"\nviews, {task.size} px: {told(rates)}")
    assert rates[0] > times * rates[1]


@pytest.mark.bench
def test_views_of_large_images_keep_up(tmp_path: Path) -> None:
    """Photos of 500 x 375 pixels in files; lightly decodes them in its workers too."""
    task = Task("resnet18", 224, 300)
    paths = [tmp_path / f"{place}.jpg" for place in range(task.images)]
    for seed, path in enumerate(paths):
        coarse = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
        Image.fromarray(coarse).resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)
    ids, hashes = np.arange(task.images), np.zeros((task.images, 32), np.uint8)
    files = TrainFiles(tuple(paths), hashes, ids, np.full(task.images, 500 / 375, np.float32), ids, task.images)
    with view_source(files, settings=task.settings) as views_of:
        rates = best_rates(task, our_views(task, views_of), their_views(task, paths))
    print(f"\nviews of files, {task.size} px: {told(rates)}")
    assert rates[0] > 0.8 * rates[1]


@pytest.mark.bench
@pytest.mark.parametrize(("task", "times"), [(CONVNET[0], 1.5), *((task, 1.0) for task in (CONVNET[1], *RESNET))])
def test_whole_steps_are_faster(task: Task, times: float) -> None:
    with view_source(task.train_set(), settings=task.settings) as views_of:
        rates = best_rates(task, our_training(task, views_of), their_training(task))
    print(f"\nwhole steps, {task.arch}, {task.size} px: {told(rates)}")
    assert rates[0] > times * rates[1]


@pytest.mark.bench
@pytest.mark.parametrize("task", CONVNET, ids=str)
def test_a_step_is_spent_on_forward_and_backward(task: Task) -> None:
    with view_source(task.train_set(), settings=task.settings) as views_of:
        share = best_share(task, views_of)
    print(f"\nforward and backward, {task.arch}, {task.size} px: {share:.0%} of a step")
    assert share >= 0.8


def best_rates(task: Task, *passes: Pass) -> list[float]:
    """Images per second of each, the best of some rounds in which they take turns, after one to warm up."""
    seconds = [[timed(one) for one in passes] for _ in range(1 + ROUNDS)][1:]
    return [task.images / min(own) for own in zip(*seconds, strict=True)]


def best_share(task: Task, views_of: ViewSource) -> float:
    """Share of forward and backward in a pass, both the best of some rounds."""
    stepper = Stepper(task.settings, classes=1, team=Team())
    train = our_training(task, views_of)
    inner: list[float] = []
    whole: list[float] = []
    for _ in range(1 + ROUNDS):
        with reproducible(threads=THREADS, device=torch.device("cpu")):
            steps = list(our_batches(task, views_of))

            def forward_and_backward(steps: list[Batch] = steps) -> None:
                for batch in steps:
                    stepper.learner(batch).loss.backward()

            inner.append(timed(forward_and_backward))
        whole.append(timed(train))
    return min(inner[1:]) / min(whole[1:])


def timed(one: Callable[[], object]) -> float:
    began = time.perf_counter()
    one()
    return time.perf_counter() - began


def told(rates: list[float]) -> str:
    return f"{rates[0]:,.0f} images/s, lightly {rates[1]:,.0f}: {rates[0] / rates[1]:.2f} times"


def our_batches(task: Task, views_of: ViewSource) -> Iterator[Batch]:
    batches = epoch_batches(task.settings, epoch=1, images=task.images)
    for places, views in zip(batches, views_of(batches, epoch=1), strict=True):
        yield Batch(views.large, torch.from_numpy(places), Moment(0, 1, 1))


def our_views(task: Task, views_of: ViewSource) -> Pass:
    def one() -> None:
        with reproducible(threads=THREADS, device=torch.device("cpu")):
            for _ in our_batches(task, views_of):
                pass

    return one


def our_training(task: Task, views_of: ViewSource) -> Pass:
    stepper = Stepper(task.settings, classes=1, team=Team())

    def one() -> None:
        with reproducible(threads=THREADS, device=torch.device("cpu")):
            for batch in our_batches(task, views_of):
                stepper.take(batch, where="bench")

    return one


class Pictures(Dataset[tuple[list[Tensor], int]]):
    """Images, decoded or in files, and their two views by lightly's transform."""

    def __init__(self, pictures: Sequence[Image.Image | Path], *, size: int) -> None:
        self.pictures = pictures
        self.transform = VICRegTransform(input_size=size)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, place: int) -> tuple[list[Tensor], int]:
        picture = self.pictures[place]
        if isinstance(picture, Path):
            with Image.open(picture) as file:
                picture = file.convert("RGB")
        return [torch.as_tensor(view) for view in self.transform(picture)], place


def their_loader(task: Task, pictures: Sequence[Image.Image | Path]) -> DataLoader[tuple[list[Tensor], int]]:
    return DataLoader(
        Pictures(pictures, size=task.size),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=2,
        persistent_workers=True,
    )


def their_views(task: Task, pictures: Sequence[Image.Image | Path]) -> Pass:
    loader = their_loader(task, pictures)

    def one() -> None:
        for _ in loader:
            pass

    return one


def their_training(task: Task) -> Pass:
    """lightly's examples/pytorch/vicreg.py with our network and widths."""
    backbone, width = build_backbone(task.arch, stem="large", size=task.size)
    model = nn.Sequential(backbone, VICRegProjectionHead(width, WIDTH, WIDTH, 3)).train()
    criterion = VICRegLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.06)
    loader = their_loader(task, task.pictures())

    def one() -> None:
        torch.set_num_threads(THREADS)
        for (first, second), _ in loader:
            loss = criterion(model(first), model(second))
            loss.detach().item()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    return one
