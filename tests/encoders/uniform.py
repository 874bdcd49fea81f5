"""Uniform draws as the views use them."""

import numpy as np
import torch
from torch import Tensor

from dejavu_tui.encoders.draws import uniforms


def draws(count: int, places: int, *, seed: int = 0) -> tuple[Tensor, ...]:
    """`places` uniforms for each of `count` images: (count) each."""
    drawn = uniforms(seed, epoch=1, image_ids=np.arange(count), views=1, count=places)[0]
    return torch.from_numpy(drawn).unbind(1)


def seems_uniform(values: Tensor, low: float, high: float) -> bool:
    """Chi square of ten bins with p = 1e-5."""
    counts = torch.histc(values.double(), 10, low, high)
    expected = len(values) / 10
    return bool(counts.sum() == len(values)) and float(((counts - expected) ** 2 / expected).sum()) < 40
