"""The random views that a training compares, made for a whole batch at once.

A view is a random resized crop, perhaps mirrored; then, each with its own probability, changed in brightness,
contrast, saturation and hue (in this order), without colour, blurred, solarised. Each operation is torchvision's of
that name, except that

- the aspect ratio of a crop is drawn among those that fit into the image, so that its area is uniform (torchvision
  draws again what does not fit, and so sees fewer large crops), and a crop need not start at a whole pixel;
- a crop of an image in memory is sampled bilinearly at the size in which it is held, without a second smoothing;
- nothing is rounded to 256 levels between the operations.

All randomness comes from `draws.uniforms`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.blur import blur
from dejavu_tui.encoders.colour import jitter, luma, solarize
from dejavu_tui.encoders.geometry import resample
from dejavu_tui.encoders.plans import LARGE, ViewPlan, plan_views

_CACHED = 1 << 18
"""Numbers of a piece of a batch for each thread: so few that a core's cache holds them from the first operation to
the last.
"""


class Views(NamedTuple):
    """The random views of n images, float32, normalised."""

    large: tuple[Tensor, Tensor]
    """(n, 3, s, s) each"""
    small: tuple[Tensor, ...]
    """(n, 3, t, t) each, perhaps none"""


def make_views(
    pixels: Tensor, *, image_ids: NDArray[np.int64], aspects: Tensor, epoch: int, settings: RunSettings
) -> Views:
    """Return the views of each image, made on the device of `pixels`.

    `pixels`: uint8 (n, s, s, 3), whole images squeezed to a square; `aspects`: (n), width / height of each
    before that.
    """

    def crop(piece: slice, plan: ViewPlan) -> Tensor:
        boxes, mirrored = plan.boxes.to(pixels.device), plan.mirrored.to(pixels.device)
        return resample(_planes(pixels[piece]), boxes, mirrored=mirrored, size=plan.size)

    plans = plan_views(image_ids, aspects=aspects, epoch=epoch, settings=settings)
    return _together([_view(crop, plan, settings=settings, device=pixels.device) for plan in plans])


def finish_views(crops: Sequence[Tensor], *, plans: Sequence[ViewPlan], settings: RunSettings) -> Views:
    """Return the views whose cropped and mirrored pixels, uint8 (n, t, t, 3) each, are `crops`."""

    def finish(pixels: Tensor, plan: ViewPlan) -> Tensor:
        return _view(lambda piece, _: _planes(pixels[piece]), plan, settings=settings, device=pixels.device)

    return _together([finish(pixels, plan) for pixels, plan in zip(crops, plans, strict=True)])


def _view(
    crop: Callable[[slice, ViewPlan], Tensor], plan: ViewPlan, *, settings: RunSettings, device: torch.device
) -> Tensor:
    """Return one view, (n, 3, t, t). `crop` gives the crops of a piece of the batch, (m, 3, t, t) in 0..1."""
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (settings.mean, settings.std))
    view = torch.empty((len(plan.mirrored), 3, plan.size, plan.size), device=device)
    for piece in _pieces(view):
        part = plan.of(piece)
        images = crop(piece, part)
        images = jitter(images, tuple(draw.to(device) for draw in part.jitter), settings=settings.augment)
        _change(images, part.grey, luma)
        _change(images, part.sigma > 0, blur, part.sigma)
        _change(images, part.solarized, solarize)
        torch.sub(images, mean, out=view[piece]).div_(std)
    return view


def _change(images: Tensor, chosen: Tensor, operation: Callable[..., Tensor], *amounts: Tensor) -> None:
    """Put the result of `operation` in the place of the `chosen` (n) of `images`; the others cost nothing."""
    if chosen.any():
        places = chosen.nonzero().squeeze(1).to(images.device)
        images[places] = operation(images[places], *(amount.to(images.device)[places] for amount in amounts))


def _pieces(view: Tensor) -> Iterator[slice]:
    """Yield the pieces in which a batch is worked on; on a GPU it is one."""
    fitting = _CACHED * torch.get_num_threads() // math.prod(view.shape[1:])
    step = max(1, fitting if view.device.type == "cpu" else len(view))
    for start in range(0, len(view), step):
        yield slice(start, start + step)


def _planes(pixels: Tensor) -> Tensor:
    """Return uint8 (n, s, s, 3) as float32 (n, 3, s, s) in 0..1."""
    return pixels.permute(0, 3, 1, 2).contiguous().to(torch.float32).div_(255)


def _together(views: Sequence[Tensor]) -> Views:
    first, second = views[:LARGE]
    return Views((first, second), tuple(views[LARGE:]))
