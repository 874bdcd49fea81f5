"""Random numbers that depend on what they are for, and not on what was drawn before.

A training that is resumed, or that sees its images in another order or from another process, draws the same
numbers, because each is a hash of (seed, epoch, image, view, place). The hash is SplitMix64's finaliser
(Steele, Lea, Flood 2014), applied to whole arrays.
"""

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.seeds import child_seed, generator

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def uniforms(seed: int, *, epoch: int, image_ids: NDArray[np.int64], views: int, count: int) -> NDArray[np.float32]:
    """Return uniform numbers in [0, 1), (views, n, count): `count` of them for each view of each image."""
    stream = np.uint64(child_seed(seed, "augment", epoch))
    images = _mix(stream ^ _mix(image_ids.astype(np.uint64) + _GOLDEN))  # (n)
    per_view = _mix(images[None, :] + _GOLDEN * np.arange(1, views + 1, dtype=np.uint64)[:, None])  # (views, n)
    places = _GOLDEN * np.arange(1, count + 1, dtype=np.uint64)
    bits = _mix(per_view[:, :, None] + places)  # (views, n, count)
    return (bits >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def order(seed: int, *, epoch: int, images: int) -> NDArray[np.int64]:
    """Return the order in which `epoch` shows the places 0 .. images - 1."""
    return generator(seed, "order", epoch).permutation(images).astype(np.int64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
