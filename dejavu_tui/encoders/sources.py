"""Where the views of a training come from, batch after batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.augment import Views, make_views
from dejavu_tui.encoders.trainset import TrainSet


class ViewSource(Protocol):
    """The views of images, by their places in the training set."""

    def __call__(self, batches: Sequence[NDArray[np.int64]], *, epoch: int) -> Iterator[Views]:
        """Yield the views of each of `batches` in turn; what is not asked for is not made."""


@contextmanager
def view_source(
    images: TrainSet, *, settings: RunSettings, device: torch.device | str = "cpu"
) -> Iterator[ViewSource]:
    """Open the source of the views of `images`, made on `device`; whatever it started ends with the block."""
    pixels = torch.from_numpy(images.pixels).to(device)
    aspects = torch.from_numpy(images.aspects)

    def from_memory(batches: Sequence[NDArray[np.int64]], *, epoch: int) -> Iterator[Views]:
        for places in batches:
            here = torch.from_numpy(places)
            yield make_views(
                pixels[here.to(device)],
                image_ids=images.image_ids[places],
                aspects=aspects[here],
                epoch=epoch,
                settings=settings,
            )

    yield from_memory
