"""Random colours: brightness, contrast, saturation, hue and grey, each torchvision's operation of that name.

Images are (n, 3, s, s) in 0..1, and so is what is returned. `jitter` and `turn_hue` write over what they are given.
"""

import torch
from torch import Tensor

from dejavu_tui.config import AugmentSettings

_LUMA = (0.2989, 0.587, 0.114)


def jitter(images: Tensor, draws: tuple[Tensor, ...], *, settings: AugmentSettings) -> Tensor:
    """Return `images` changed in brightness, contrast, saturation and hue, in this order, with probability
    `jitter`. `draws`: five uniforms (n): whether, and how much of each.
    """
    touched = draws[0] < settings.jitter

    def factor(draw: Tensor, strength: float) -> Tensor:
        return torch.where(touched, 1 + (2 * draw - 1) * strength, 1.0).view(-1, 1, 1, 1)

    images = images.mul_(factor(draws[1], settings.brightness)).clamp_(0, 1)
    mean = luma(images).mean(dim=(1, 2, 3), keepdim=True)
    images = torch.lerp(mean, images, factor(draws[2], settings.contrast), out=images).clamp_(0, 1)
    images = torch.lerp(luma(images), images, factor(draws[3], settings.saturation), out=images).clamp_(0, 1)
    if settings.hue:
        images = turn_hue(images, torch.where(touched, (2 * draws[4] - 1) * settings.hue, 0.0))
    return images


def turn_hue(images: Tensor, turns: Tensor) -> Tensor:
    """Return `images` with their hues moved on by `turns` (n), shares of the circle in -0.5..0.5.

    Saturation and value of the HSV hexcone stay. Hues are measured in units of a pixel's chroma (largest less
    smallest channel), so that nothing is divided by the chroma, which is 0 in greys.
    """
    red, green, blue = images.unbind(1)  # (n, s, s) each
    least = torch.minimum(torch.minimum(red, green), blue)
    most = torch.maximum(torch.maximum(red, green), blue)
    chroma = most - least
    twice = 2 * chroma
    # Times chroma: 0 red, 1 yellow, 2 green, 3 cyan, 4 blue, 5 magenta.
    of_green_or_blue = torch.where(most == green, twice + blue - red, 2 * twice + red - green)
    hue = torch.where(most == red, green - blue, of_green_or_blue)
    hue += chroma * (6 * turns.view(-1, 1, 1))
    circle = 3 * twice
    hue = torch.where(hue < 0, hue + circle, hue)
    hue = torch.where(hue >= circle, hue - circle, hue)
    ramps = (
        (hue - 3 * chroma).abs_() - chroma,
        twice - (hue - twice).abs_(),
        twice - (hue - 2 * twice).abs_(),
    )
    for channel, ramp in zip((red, green, blue), ramps, strict=True):
        torch.minimum(ramp.clamp_(min=0), chroma, out=channel).add_(least)
    return images


def solarize(images: Tensor) -> Tensor:
    """Return `images` with all from one half up turned to its complement."""
    return torch.where(images >= 0.5, 1 - images, images)


def luma(images: Tensor) -> Tensor:
    """Return the grey of `images`, (n, 1, s, s), with the weights of ITU-R 601-2 (Pillow's and torchvision's)."""
    red, green, blue = images.unbind(1)
    return (_LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue).unsqueeze(1)
