"""Pictures to the size of a place on the screen, with boxes and crop drawn, and from there to half cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from dejavu_tui.app.samples import Box

Rgb = tuple[int, int, int]
CROP_COLOUR: Rgb = (255, 214, 10)
BOX_COLOUR: Rgb = (255, 64, 160)
_PIXELS_A_LINE = 120
_DASH = 2


@dataclass(frozen=True)
class Mark:
    """A rectangle to draw, half-open in pixels of the file; dashed so that it can be told apart without colour."""

    box: Box
    colour: Rgb
    dashed: bool


def fit(width: int, height: int, *, into: tuple[int, int]) -> tuple[int, int]:
    """Return the size at which an image of `width` x `height` is shown in a place of size `into`.

    Small images grow by whole factors, so that every pixel stays a sharp square; large ones shrink to fit.
    """
    factor = min(into[0] / width, into[1] / height)
    if factor >= 1:
        factor = int(factor)
    return max(1, round(width * factor)), max(1, round(height * factor))


def scale(picture: Image.Image, *, into: tuple[int, int]) -> Image.Image:
    """Return `picture` at the size `fit` gives: nearest neighbour upwards, the mean of each area downwards."""
    size = fit(picture.width, picture.height, into=into)
    grows = size[0] >= picture.width
    return picture.resize(size, Image.Resampling.NEAREST if grows else Image.Resampling.BOX)


def draw(picture: Image.Image, marks: Sequence[Mark], *, original: tuple[int, int]) -> Image.Image:
    """Return `picture`, a scaled copy of an image of size `original`, with `marks` drawn.

    Lines are one pixel wide in half cells, wider where pixels are small.
    """
    pixels = np.array(picture.convert("RGB"))
    height, width = pixels.shape[:2]
    thick = 1 + min(height, width) // _PIXELS_A_LINE
    for mark in marks:
        x0, x1 = (min(width - 1, round(x * width / original[0])) for x in (mark.box[0], mark.box[2]))
        y0, y1 = (min(height - 1, round(y * height / original[1])) for y in (mark.box[1], mark.box[3]))
        x1 = max(x0, x1 - (mark.box[2] < original[0]))
        y1 = max(y0, y1 - (mark.box[3] < original[1]))
        for inner in range(min(thick, (x1 - x0) // 2 + 1, (y1 - y0) // 2 + 1)):
            for y, x in _outline(x0 + inner, y0 + inner, x1 - inner, y1 - inner):
                if not mark.dashed or (x + y) // (_DASH * thick) % 2:
                    pixels[y, x] = mark.colour
    return Image.fromarray(pixels)


def to_256_colours(picture: Image.Image) -> Image.Image:
    """Return `picture` in the nearest of a terminal's colours 16 to 255.

    Left to the terminal library, dull colours turn grey; dithered, pictures of thirty pixels dissolve into dots.
    """
    return picture.quantize(palette=_palette(), dither=Image.Dither.NONE).convert("RGB")


def half_cells(pixels: NDArray[np.uint8]) -> list[list[Segment]]:
    """Return lines of half blocks for `pixels` (height, width, 3): two pixels a cell, the upper one in front."""
    lines = []
    for top in range(0, len(pixels), 2):
        upper = pixels[top].tolist()
        lower = pixels[top + 1].tolist() if top + 1 < len(pixels) else [None] * len(upper)
        runs = groupby(zip(upper, lower, strict=True))
        lines.append(
            [
                Segment("▀" * len(list(run)), _style(tuple(up), tuple(low) if low else None))
                for (up, low), run in runs
            ]
        )
    return lines


@lru_cache(maxsize=1)
def _palette() -> Image.Image:
    levels = (0, 95, 135, 175, 215, 255)
    cube = [value for red in levels for green in levels for blue in levels for value in (red, green, blue)]
    greys = [value for step in range(24) for value in [8 + 10 * step] * 3]
    palette = Image.new("P", (1, 1))
    palette.putpalette(cube + greys)
    return palette


@lru_cache(maxsize=1 << 15)
def _style(upper: Rgb, lower: Rgb | None) -> Style:
    return Style.from_color(_colour(upper), _colour(lower) if lower else None)


@lru_cache(maxsize=1 << 15)
def _colour(rgb: Rgb) -> Color:
    return Color("pixel", ColorType.TRUECOLOR, triplet=ColorTriplet(*rgb))


def _outline(x0: int, y0: int, x1: int, y1: int) -> Iterator[tuple[int, int]]:
    """Pixels (y, x) of the outline of the closed rectangle, once around."""
    yield from ((y0, x) for x in range(x0, x1 + 1))
    yield from ((y, x1) for y in range(y0 + 1, y1 + 1))
    yield from ((y1, x) for x in range(x1 - 1, x0 - 1, -1))
    yield from ((y, x0) for y in range(y1 - 1, y0, -1))
