"""The images of one encoder's training: in memory if they fit into 2 GiB at the size needed, else in their files.

The limit is a constant, so that it is never the machine that decides how the images are seen: from memory a crop is
taken out of the image at the size needed, from a file out of the image as it is.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.images.pixels import open_picture, read_image
from dejavu_tui.records import Progress, Step, Stop

T = TypeVar("T")
HELD_BYTES = 2 << 30
"""Of pixels that are held in memory."""
_WORKERS = 4
NO_LABEL = -1


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
    """(n): place of each image's class name; NO_LABEL: it has none"""
    classes: int
    """How many classes the audit has."""

    def __len__(self) -> int:
        return len(self.image_ids)

    def sha256(self) -> str:
        """Return a hash of all that the training sees."""
        return _sha256(self.pixels, self.image_ids, self.aspects, self.labels)


@dataclass(frozen=True)
class TrainFiles:
    """Images that are decoded whenever they are shown."""

    paths: tuple[Path, ...]
    hashes: NDArray[np.uint8]
    """(n, 32): SHA-256 of each file"""
    image_ids: NDArray[np.int64]
    """(n)"""
    aspects: NDArray[np.float32]
    """(n): width / height of each image"""
    labels: NDArray[np.int64]
    """(n): place of each image's class name; NO_LABEL: it has none"""
    classes: int
    """How many classes the audit has."""

    def __len__(self) -> int:
        return len(self.image_ids)

    def sha256(self) -> str:
        """Return a hash of all that the training sees."""
        return _sha256(self.hashes, self.image_ids, self.aspects, self.labels)


TrainImages: TypeAlias = TrainSet | TrainFiles


def load_images(
    members: pl.DataFrame,
    *,
    source: Path,
    classes: int,
    size: int,
    progress: Progress,
    stop: Stop,
    stage: str,
) -> TrainImages:
    """Read the images `members` (image_id, path below `source`, label, width, height), resized bilinearly with
    antialias to a square of `size`; or, if that would take more than HELD_BYTES, only their files' hashes.

    Raises ImageError: one cannot be read. RequestError: fewer than two images. StoppedError.
    """
    paths = [source / path for path in members["path"]]
    if len(paths) < 2:
        raise RequestError(f"{len(paths)} image to train on", where=stage, fix="split with more images per class")
    image_ids = members["image_id"].to_numpy(writable=True)
    labels = members["label"].fill_null(NO_LABEL).to_numpy(writable=True)
    if len(paths) * size * size * 3 > HELD_BYTES:
        hashes = np.empty((len(paths), 32), np.uint8)
        for place, digest in _read(paths, _file_sha256, progress=progress, stop=stop, stage=stage):
            hashes[place] = digest
        aspects = (members["width"] / members["height"]).cast(pl.Float32).to_numpy(writable=True)
        return TrainFiles(tuple(paths), hashes, image_ids, aspects, labels, classes)
    pixels = np.empty((len(paths), size, size, 3), np.uint8)
    aspects = np.empty(len(paths), np.float32)
    for place, (square, aspect) in _read(
        paths, partial(_square, size=size), progress=progress, stop=stop, stage=stage
    ):
        pixels[place], aspects[place] = square, aspect
    return TrainSet(pixels, image_ids, aspects, labels, classes)


def _read(
    paths: Sequence[Path], read: Callable[[Path], T], *, progress: Progress, stop: Stop, stage: str
) -> Iterator[tuple[int, T]]:
    """Yield the place of each path and what `read` makes of it."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        for place, one in enumerate(pool.map(read, paths)):
            yield place, one
            if place % 256 == 0:
                progress(Step(f"{stage}: images", place, len(paths)))
                if stop():
                    pool.shutdown(cancel_futures=True)
                    raise StoppedError
    progress(Step(f"{stage}: images", len(paths), len(paths)))


def _square(path: Path, *, size: int) -> tuple[NDArray[np.uint8], float]:
    picture = open_picture(path)
    square = picture.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square, np.uint8), picture.width / picture.height


def _file_sha256(path: Path) -> NDArray[np.uint8]:
    return np.frombuffer(hashlib.sha256(read_image(path)).digest(), np.uint8)


def _sha256(*arrays: NDArray[np.generic]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
