"""How a training is cut into steps, and the learning rate of each."""

import math

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.draws import order


def steps_per_epoch(images: int, *, batch: int) -> int:
    """Return the number of steps in which an epoch shows every image once."""
    return math.ceil(images / batch)


def epoch_batches(settings: RunSettings, *, epoch: int, images: int) -> list[NDArray[np.int64]]:
    """Return the places of the images in each batch of `epoch`.

    Every image is in just one batch; the batches' sizes differ by one at most and never exceed
    `settings.batch`. A batch size above the number of images gives one batch of all.
    """
    steps = steps_per_epoch(images, batch=settings.batch)
    return np.array_split(order(settings.seed, epoch=epoch, images=images), steps)


def learning_rate(settings: RunSettings, *, step: int, steps: int) -> float:
    """Return the rate of `step` (0 the first): up linearly in the share `warmup` of `steps`, then along a cosine
    down to the share `lr_end`.
    """
    rising = round(settings.warmup * steps)
    if step < rising:
        return settings.lr * (step + 1) / rising
    return settings.lr * cosine(1, settings.lr_end, (step - rising) / (steps - rising))


def weight_decay(settings: RunSettings, *, step: int, steps: int) -> float:
    """Return the weight decay of `step` (0 the first): along a cosine to `weight_decay_end`, if that is set."""
    end = settings.weight_decay_end
    return settings.weight_decay if end is None else cosine(settings.weight_decay, end, step / steps)


def cosine(first: float, last: float, share: float) -> float:
    """Return what lies at `share`, 0 to 1, of half a cosine wave from `first` to `last`."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * share))
