"""How much larger the crop of `largest` is than that of `stripes`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dejavu_tui.images.boxes import Box
from dejavu_tui.images.crops import largest_crop, stripes_crop

_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Gain:
    """Of `images` that both rules give a crop, `larger` have a longer shorter side under `largest`, by the share
    `median` more in the median of these; NaN: there are none.
    """

    images: int
    larger: int
    median: float


def gain_of_largest(images: pl.DataFrame, boxes: Mapping[int, Sequence[Box]]) -> Gain:
    """Compare the rules on `images` (image_id, width, height) with `boxes`, on up to 10,000, evenly chosen."""
    marked = images.filter(pl.col("image_id").is_in(list(boxes)))
    some = marked.gather_every(max(1, -(-marked.height // _LOOKED_AT)))
    ratios = []
    for image_id, width, height in some.select("image_id", "width", "height").iter_rows():
        crops = [rule(boxes[image_id], width=width, height=height) for rule in (largest_crop, stripes_crop)]
        sides = [min(crop.width, crop.height) for crop in crops if crop is not None]
        if len(sides) == len(crops):
            ratios.append(sides[0] / sides[1])
    larger = [ratio for ratio in ratios if ratio > 1]
    return Gain(len(ratios), len(larger), float(np.median(larger)) - 1 if larger else float("nan"))
