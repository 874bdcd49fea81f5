"""The random views that a training compares, made for a whole batch at once.

A view is a random resized crop, perhaps mirrored, then with probability `jitter` changed in brightness,
contrast and saturation (in this order), then with probability `grayscale` without colour. Each operation is
torchvision's of that name, except that

- the aspect ratio of a crop is drawn among those that fit into the image, so that its area is uniform (torchvision
  draws again what does not fit, and so sees fewer large crops), and a crop need not start at a whole pixel;
- a crop is sampled bilinearly from the image at the size in which it is held, without a second smoothing.

All randomness comes from `draws.uniforms`.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders.draws import uniforms

VIEWS = 2
_DRAWS = 10
_RATIO = math.log(4 / 3)
_LUMA = (0.2989, 0.587, 0.114)


class Views(NamedTuple):
    """The random views of n images, float32, normalised."""

    large: tuple[Tensor, Tensor]
    """(n, 3, s, s) each"""
    small: tuple[Tensor, ...]
    """(n, 3, t, t) each, perhaps none"""


def make_views(
    pixels: Tensor, *, image_ids: NDArray[np.int64], aspects: Tensor, epoch: int, settings: RunSettings
) -> Views:
    """Return the views of each image.

    `pixels`: uint8 (n, s, s, 3), whole images squeezed to a square; `aspects`: (n), width / height of each
    before that.
    """
    drawn = uniforms(settings.seed, epoch=epoch, image_ids=image_ids, views=VIEWS, count=_DRAWS)
    draws = torch.from_numpy(drawn.reshape(-1, _DRAWS)).unbind(1)  # _DRAWS x (views * n)
    images = pixels.permute(0, 3, 1, 2).to(torch.float32).div_(255).repeat(VIEWS, 1, 1, 1)  # (views * n, 3, s, s)
    corners = crop_boxes(draws[0:4], aspects=aspects.repeat(VIEWS), settings=settings.augment)
    views = resample(images, corners, mirrored=draws[4] < settings.augment.flip)
    views = recolour(views, draws[5:10], settings=settings.augment)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (settings.mean, settings.std))
    first, second = views.sub_(mean).div_(std).chunk(VIEWS)
    return Views((first, second), ())


def crop_boxes(draws: tuple[Tensor, ...], *, aspects: Tensor, settings: AugmentSettings) -> Tensor:
    """Return the boxes x0, y0, width, height, (n, 4), of random crops, as shares of the image's sides.

    Area uniform between `scale_min` and `scale_max` of the image's; aspect ratio in pixels log-uniform between
    3/4 and 4/3 where that fits, else the nearest that does; place uniform. `draws`: four uniforms (n).
    """
    area = settings.scale_min + (settings.scale_max - settings.scale_min) * draws[0]
    # A crop of ratio r in an image of aspect a is sqrt(area r / a) of its width and sqrt(area a / r) of its height.
    fits = area.log()
    log_aspects = aspects.log()
    low = torch.clamp(log_aspects + fits, min=-_RATIO)
    high = torch.clamp(log_aspects - fits, max=_RATIO)
    low, high = torch.minimum(low, log_aspects - fits), torch.maximum(high, log_aspects + fits)
    ratio = torch.exp(low + (high - low) * draws[1] - log_aspects)
    width = (area * ratio).sqrt().clamp(max=1)
    height = (area / ratio).sqrt().clamp(max=1)
    return torch.stack([draws[2] * (1 - width), draws[3] * (1 - height), width, height], dim=1)


def resample(images: Tensor, boxes: Tensor, *, mirrored: Tensor) -> Tensor:
    """Return the `boxes` of `images` resized to the images' own size, mirrored left to right where told."""
    x0, y0, width, height = boxes[:, :, None].unbind(1)  # (n, 1) each
    side = images.shape[-1]
    along = (torch.arange(side) + 0.5) / side
    across = torch.where(mirrored[:, None], 1 - along, along)
    x, y = 2 * (x0 + width * across) - 1, 2 * (y0 + height * along) - 1  # (n, s) each, -1 .. 1 over the image
    grid = torch.stack(
        [x[:, None, :].expand(-1, side, -1), y[:, :, None].expand(-1, -1, side)], dim=3
    )  # (n, s, s, 2)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def recolour(images: Tensor, draws: tuple[Tensor, ...], *, settings: AugmentSettings) -> Tensor:
    """Return `images`, (n, 3, s, s) in 0..1, with random colours, in 0..1. `draws`: five uniforms (n)."""
    changed, brightness, contrast, saturation, grey = (draw.view(-1, 1, 1, 1) for draw in draws)
    touched = changed < settings.jitter

    def factor(draw: Tensor, strength: float) -> Tensor:
        return torch.where(touched, 1 + (2 * draw - 1) * strength, 1.0)

    images = (images * factor(brightness, settings.brightness)).clamp_(0, 1)
    mean = luma(images).mean(dim=(1, 2, 3), keepdim=True)
    images = torch.lerp(mean, images, factor(contrast, settings.contrast)).clamp_(0, 1)
    images = torch.lerp(luma(images), images, factor(saturation, settings.saturation)).clamp_(0, 1)
    return torch.where(grey < settings.grayscale, luma(images), images)


def luma(images: Tensor) -> Tensor:
    """Return the grey of `images`, (n, 1, s, s), with the weights of ITU-R 601-2 (Pillow's and torchvision's)."""
    red, green, blue = images.unbind(1)
    return (_LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue).unsqueeze(1)
