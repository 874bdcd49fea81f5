"""Where a view lies in its image: random crops, and their pixels.

A crop's box is a share of the image's sides, so that it means the same in a file, in an image squeezed to a square,
and at any size.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  its name everywhere

_RATIO = math.log(4 / 3)


def crop_boxes(draws: tuple[Tensor, ...], *, aspects: Tensor, scale: tuple[float, float]) -> Tensor:
    """Return the boxes x0, y0, width, height, (n, 4), of random crops, as shares of the image's sides.

    Area uniform in `scale`, as shares of the image's; aspect ratio in pixels log-uniform between 3/4 and 4/3 where
    that fits, else the nearest that does; place uniform. `draws`: four uniforms (n); `aspects`: (n), width over
    height.
    """
    area = scale[0] + (scale[1] - scale[0]) * draws[0]
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


def resample(images: Tensor, boxes: Tensor, *, mirrored: Tensor, size: int) -> Tensor:
    """Return the `boxes` (n, 4) of `images` (n, 3, s, s) as (n, 3, size, size), left and right exchanged in those
    `mirrored` (n). Bilinear between the nearest pixels.
    """
    x0, y0, width, height = boxes[:, :, None].unbind(1)  # (n, 1) each
    along = (torch.arange(size, device=images.device) + 0.5) / size
    across = torch.where(mirrored[:, None], 1 - along, along)
    x, y = 2 * (x0 + width * across) - 1, 2 * (y0 + height * along) - 1  # (n, size) each, -1 .. 1 over the image
    grid = torch.stack(
        [x[:, None, :].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], dim=3
    )  # (n, size, size, 2)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
