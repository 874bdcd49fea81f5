"""Gaussian blur, each image by its own amount."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere

_SIGMAS = (0.1, 2.0)
_SIGMAS_ARE_FOR = 224
_REACH = 4


def sigmas(draws: Tensor, *, size: int) -> Tensor:
    """Return standard deviations in pixels, one for each of the uniforms `draws`.

    Uniform between 0.1 and 2 in views of 224 pixels, as in SimCLR (2002.05709) and what came after it; in views of
    another `size` as much of the view.
    """
    low, high = _SIGMAS
    return (low + (high - low) * draws) * (size / _SIGMAS_ARE_FOR)


def radius(size: int) -> int:
    """Return how far a pixel's kernel reaches to each side: four of the largest standard deviations, beyond which
    lies less than a fiftieth of a grey level.
    """
    return math.ceil(_REACH * _SIGMAS[1] * size / _SIGMAS_ARE_FOR)


def blur(images: Tensor, sigma: Tensor) -> Tensor:
    """Return `images` (n, 3, s, s), each blurred by its `sigma` (n) > 0, reflected at the edges.

    torchvision's `gaussian_blur` with a kernel of 2 `radius` + 1 pixels, one axis after the other.
    """
    size = images.shape[-1]
    reach = radius(size)
    places = torch.arange(reach + 1, device=images.device)
    weights = torch.exp(-0.5 * (places / sigma[:, None]) ** 2)  # (n, reach + 1), of the centre and of one side
    weights /= (2 * weights.sum(dim=1) - weights[:, 0])[:, None]
    kernel = weights.view(-1, 1, 1, 1, reach + 1).unbind(4)  # (n, 1, 1, 1) each
    for axis in (3, 2):
        padding = (reach, reach, 0, 0) if axis == 3 else (0, 0, reach, reach)
        padded = F.pad(images, padding, mode="reflect")
        images = padded.narrow(axis, reach, size) * kernel[0]
        for step in range(1, reach + 1):
            sides = padded.narrow(axis, reach - step, size) + padded.narrow(axis, reach + step, size)
            images.addcmul_(sides, kernel[step])
    return images
