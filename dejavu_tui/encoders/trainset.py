"""The images of one encoder's training, in memory."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.images.pixels import open_picture
from dejavu_tui.records import Progress, Step, Stop

_WORKERS = 4


@dataclass(frozen=True)
class TrainSet:
    """Whole images, each squeezed to a square.

    Nothing is cut off, unlike in the preprocessing that measures: the background at an edge, which the attack
    asks about, must have been there to be remembered. `augment.crop_boxes` undoes the squeezing.
    """

    pixels: NDArray[np.uint8]
    """(n, size, size, 3)"""
    image_ids: NDArray[np.int64]
    """(n)"""
    aspects: NDArray[np.float32]
    """(n): width / height of each image"""
    labels: NDArray[np.int64]
    """(n): place of each image's class name"""
    classes: int
    """How many classes the audit has."""

    def __len__(self) -> int:
        return len(self.image_ids)

    def sha256(self) -> str:
        """Return a hash of all that the training sees."""
        digest = hashlib.sha256()
        for array in (self.pixels, self.image_ids, self.aspects, self.labels):
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def load_images(
    members: pl.DataFrame,
    *,
    source: Path,
    classes: int,
    size: int,
    progress: Progress,
    stop: Stop,
    stage: str,
) -> TrainSet:
    """Read the images `members` (image_id, path below `source`, label), resized bilinearly with antialias to a
    square of `size`.

    Raises ImageError: one cannot be read. RequestError: fewer than two images. StoppedError.
    """
    paths = [source / path for path in members["path"]]
    if len(paths) < 2:
        raise RequestError(f"{len(paths)} image to train on", where=stage, fix="split with more images per class")
    pixels = np.empty((len(paths), size, size, 3), np.uint8)
    aspects = np.empty(len(paths), np.float32)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for place, (square, aspect) in enumerate(pool.map(lambda path: _square(path, size=size), paths)):
            pixels[place], aspects[place] = square, aspect
            if place % 256 == 0:
                progress(Step(f"{stage}: images", place, len(paths)))
                if stop():
                    pool.shutdown(cancel_futures=True)
                    raise StoppedError
    image_ids, labels = (members[name].cast(pl.Int64).to_numpy(writable=True) for name in ("image_id", "label"))
    return TrainSet(pixels, image_ids, aspects, labels, classes)


def _square(path: Path, *, size: int) -> tuple[NDArray[np.uint8], float]:
    picture = open_picture(path)
    square = picture.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square, np.uint8), picture.width / picture.height
