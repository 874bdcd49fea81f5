from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders.sources import view_source
from dejavu_tui.encoders.trainset import TrainFiles, TrainImages
from dejavu_tui.errors import ImageError, StoppedError
from tests.encoders.toys import SIZE, outcome, run_toy, toy_images, toy_settings

BATCHES = [np.array([3, 1, 7]), np.array([0, 2]), np.array([11])]
SETTINGS = toy_settings(
    augment=AugmentSettings(scale_min=0.3, hue=0.1, blur=(0.5, 0.5), small_views=1, small_size=12)
)
CROPS = toy_settings(
    augment=AugmentSettings(jitter=0, grayscale=0, small_views=1, small_size=12), mean=(0, 0, 0), std=(1, 1, 1)
)


def toy_files(folder: Path, *, count: int = 24) -> TrainFiles:
    """The toy images as files."""
    held = toy_images(count)
    paths = tuple(folder / f"{place:03d}.png" for place in range(count))
    for path, pixels in zip(paths, held.pixels, strict=True):
        Image.fromarray(pixels).save(path)
    hashes = np.zeros((count, 32), np.uint8)
    return TrainFiles(paths, hashes, held.image_ids, held.aspects, held.labels, held.classes)


def flat(
    images: TrainImages, batches: list[NDArray[np.int64]], settings: RunSettings, workers: int = 1
) -> list[Tensor]:
    """All views of all batches."""
    with view_source(images, settings=settings, workers=workers) as views_of:
        return [view for views in views_of(batches, epoch=1) for view in (*views.large, *views.small)]


def test_views_from_memory_do_not_depend_on_the_batches() -> None:
    together = flat(toy_images(), [np.concatenate(BATCHES)], SETTINGS)
    apart = flat(toy_images(), BATCHES, SETTINGS)
    for view in range(3):
        assert torch.equal(torch.cat(apart[view::3]), together[view])


@pytest.mark.parametrize("workers", [1, 3])
def test_views_from_files_depend_neither_on_the_batches_nor_on_the_workers(tmp_path: Path, workers: int) -> None:
    files = toy_files(tmp_path)
    together = flat(files, [np.concatenate(BATCHES)], SETTINGS, workers=2)
    apart = flat(files, BATCHES, SETTINGS, workers=workers)
    for view in range(3):
        assert torch.equal(torch.cat(apart[view::3]), together[view])


def test_files_of_the_size_needed_give_the_views_of_memory(tmp_path: Path) -> None:
    """Crops are enlarged alike; only the rounding of pixels to 256 levels is between them."""
    for one, other in zip(
        flat(toy_files(tmp_path), BATCHES, CROPS), flat(toy_images(), BATCHES, CROPS), strict=True
    ):
        size = one.shape[-1]
        if size == SIZE:
            assert (one - other).abs().max() < 1.5 / 255
        assert (one - other).abs().mean() < 1 / 255


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    files = toy_files(tmp_path)
    files.paths[2].write_bytes(b"no image")
    with view_source(files, settings=SETTINGS, workers=2) as views_of:
        views = views_of(BATCHES, epoch=1)
        next(views)
        with pytest.raises(ImageError, match=r"002\.png"):
            next(views)


def test_a_training_from_files_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    files = toy_files(tmp_path)
    settings = toy_settings(epochs=2, snapshots=(2,))
    run_toy(tmp_path / "whole", settings, images=files)
    asked = iter(range(100))
    with pytest.raises(StoppedError):
        run_toy(tmp_path / "stopped", settings, images=files, stop=lambda: next(asked) == 2)
    run_toy(tmp_path / "stopped", settings, images=replace(files))
    assert outcome(tmp_path / "whole") == outcome(tmp_path / "stopped")
