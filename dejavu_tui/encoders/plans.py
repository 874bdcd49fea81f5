"""What happens to each image in each view of a batch, drawn before any pixel is touched.

A place in `draws.uniforms` belongs to one decision for ever: a new decision takes a new place, so that what was
drawn for the others stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.blur import sigmas
from dejavu_tui.encoders.draws import uniforms
from dejavu_tui.encoders.geometry import crop_boxes

LARGE = 2
"""Large views of an image."""
_DRAWS = 14


@dataclass(frozen=True)
class ViewPlan:
    """One view of n images."""

    size: int
    """Pixels of a side."""
    boxes: Tensor
    """(n, 4): the crop as x0, y0, width, height, shares of the image's sides"""
    mirrored: Tensor
    """bool (n)"""
    jitter: tuple[Tensor, ...]
    """Five uniforms (n) of `colour.jitter`."""
    grey: Tensor
    """bool (n)"""
    sigma: Tensor
    """(n): standard deviation of the blur in pixels, 0 for none"""
    solarized: Tensor
    """bool (n)"""

    def of(self, piece: slice) -> "ViewPlan":
        """Return the plan of some of the images."""
        return ViewPlan(
            self.size,
            self.boxes[piece],
            self.mirrored[piece],
            tuple(draw[piece] for draw in self.jitter),
            self.grey[piece],
            self.sigma[piece],
            self.solarized[piece],
        )


def plan_views(
    image_ids: NDArray[np.int64], *, aspects: Tensor, epoch: int, settings: RunSettings
) -> Iterator[ViewPlan]:
    """Yield the plan of each view of the images, the two large ones first.

    `aspects`: (n), width / height of each image. A plan of an image depends on (seed, epoch, image, view) alone.
    """
    augment = settings.augment
    views = LARGE + augment.small_views
    drawn = uniforms(settings.seed, epoch=epoch, image_ids=image_ids, views=views, count=_DRAWS)
    for place, own in enumerate(torch.from_numpy(drawn)):
        draws = own.unbind(1)  # _DRAWS x (n)
        if place < LARGE:
            size, scale = settings.input_size, (augment.scale_min, augment.scale_max)
            blur, solarize = augment.blur[place], augment.solarize[place]
        else:
            size, scale = augment.small_size, (augment.small_scale_min, augment.small_scale_max)
            blur, solarize = augment.blur[-1], augment.solarize[-1]
        yield ViewPlan(
            size=size,
            boxes=crop_boxes(draws[0:4], aspects=aspects, scale=scale),
            mirrored=draws[4] < augment.flip,
            jitter=(*draws[5:9], draws[10]),
            grey=draws[9] < augment.grayscale,
            sigma=torch.where(draws[11] < blur, sigmas(draws[12], size=size), 0.0),
            solarized=draws[13] < solarize,
        )
