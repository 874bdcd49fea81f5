"""Where the views of a training come from, batch after batch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.augment import Views, finish_views, make_views
from dejavu_tui.encoders.plans import plan_views
from dejavu_tui.encoders.trainset import TrainFiles, TrainImages, TrainSet
from dejavu_tui.images.decoders import WORKERS, Decoders, open_decoders
from dejavu_tui.images.decoding import Cut


class ViewSource(Protocol):
    """The views of images, by their places in the training set."""

    def __call__(self, batches: Sequence[NDArray[np.int64]], *, epoch: int) -> Iterator[Views]:
        """Yield the views of each of `batches` in turn; of files, the next batch is decoded meanwhile.

        Raises ImageError: a file cannot be read. DecoderGoneError: a process that decodes is gone.
        """


@contextmanager
def view_source(
    images: TrainImages, *, settings: RunSettings, device: torch.device | str = "cpu", workers: int = WORKERS
) -> Iterator[ViewSource]:
    """Open the source of the views of `images`, made on `device`; whatever it started ends with the block."""
    if isinstance(images, TrainSet):
        yield _from_memory(images, settings=settings, device=device)
    else:
        with open_decoders(workers) as decoders:
            yield _from_files(images, decoders, settings=settings, device=device)


def _from_memory(images: TrainSet, *, settings: RunSettings, device: torch.device | str) -> ViewSource:
    pixels = torch.from_numpy(images.pixels).to(device)
    aspects = torch.from_numpy(images.aspects)

    def views_of(batches: Sequence[NDArray[np.int64]], *, epoch: int) -> Iterator[Views]:
        for places in batches:
            here = torch.from_numpy(places)
            yield make_views(
                pixels[here.to(device)],
                image_ids=images.image_ids[places],
                aspects=aspects[here],
                epoch=epoch,
                settings=settings,
            )

    return views_of


def _from_files(
    images: TrainFiles, decoders: Decoders, *, settings: RunSettings, device: torch.device | str
) -> ViewSource:
    aspects = torch.from_numpy(images.aspects)

    def begin(places: NDArray[np.int64], epoch: int) -> Callable[[], Views]:
        """Begin to decode a batch; what is returned waits for it and makes its views."""
        plans = tuple(plan_views(images.image_ids[places], aspects=aspects[places], epoch=epoch, settings=settings))
        cuts = [
            [
                Cut((x0, y0, width, height), plan.size, mirrored)
                for (x0, y0, width, height), mirrored in zip(
                    plan.boxes.tolist(), plan.mirrored.tolist(), strict=True
                )
            ]
            for plan in plans
        ]
        crops = [np.empty((len(places), plan.size, plan.size, 3), np.uint8) for plan in plans]
        begun = [
            decoders.begin(images.paths[place], own, into=[crop[row] for crop in crops])
            for row, (place, own) in enumerate(zip(places.tolist(), zip(*cuts, strict=True), strict=True))
        ]

        def end() -> Views:
            for future in begun:
                future.result()
            return finish_views(
                [torch.from_numpy(crop).to(device) for crop in crops], plans=plans, settings=settings
            )

        return end

    def views_of(batches: Sequence[NDArray[np.int64]], *, epoch: int) -> Iterator[Views]:
        following = (begin(places, epoch) for places in batches)
        now = next(following, None)
        while now is not None:
            ahead = next(following, None)
            yield now()
            now = ahead

    return views_of
