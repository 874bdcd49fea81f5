"""Embeddings on disk: a float32 matrix and the image id of each row, memory-mapped when read."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.artefacts import verify
from dejavu_tui.errors import ArtefactError, MeasurementError

EMBEDDINGS = "embeddings"
"""Kind of artefact."""
VECTORS_FILE = "vectors.npy"
IDS_FILE = "ids.npy"
_BLOCK = 65_536


@dataclass(frozen=True)
class Embeddings:
    """`vectors` float32 (n, d); `ids` int64 (n,), the image of each row, strictly rising."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


def create(folder: Path, *, ids: NDArray[np.int64], dim: int) -> "np.memmap[Any, np.dtype[np.float32]]":
    """Write `ids` (n,) into `folder` and return the file-backed matrix (n, dim), to be filled.

    Raises OSError, naming the file: the disk has no room for it.
    """
    np.save(folder / IDS_FILE, ids.astype(np.int64), allow_pickle=False)
    path = folder / VECTORS_FILE
    described = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), dim)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, described)
        size = file.tell() + len(ids) * dim * 4
        try:  # a full disk would kill whoever writes to mapped memory
            if sys.platform == "linux":
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
        except OSError as error:
            error.filename = str(path)
            raise
    return np.lib.format.open_memmap(path, mode="r+")


def read(folder: Path) -> Embeddings:
    """Return the embeddings in `folder`, the matrix memory-mapped.

    Raises ArtefactError: absent, damaged, or not a float32 matrix with one rising id for each row.
    """
    verify(folder, kind=EMBEDDINGS)
    try:
        ids = np.load(folder / IDS_FILE, allow_pickle=False)
        vectors = np.load(folder / VECTORS_FILE, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        raise ArtefactError("holds no readable embeddings", where=folder, fix=_fix(folder)) from None
    if ids.dtype != np.int64 or ids.ndim != 1 or not (np.diff(ids) > 0).all():
        raise ArtefactError("has ids that do not rise", where=folder / IDS_FILE, fix=_fix(folder))
    if vectors.dtype != np.float32 or vectors.shape[:-1] != ids.shape:
        raise ArtefactError("is no float32 matrix with a row for each id", where=folder, fix=_fix(folder))
    return Embeddings(ids, vectors)


def refuse_constant(vectors: NDArray[np.float32], *, encoder: str, layer: str, images: str = "X") -> None:
    """Raise MeasurementError if all rows of `vectors` (n >= 2, d) of `images` are equal to within float32 rounding.

    Then every distance is equal and the neighbours would be whatever images have the smallest ids.
    """
    if len(vectors) < 2:
        return
    low, high = np.array(vectors[0]), np.array(vectors[0])
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        np.minimum(low, block.min(axis=0), out=low)
        np.maximum(high, block.max(axis=0), out=high)
    scale = max(float(np.abs(low).max()), float(np.abs(high).max()))
    if float((high - low).max()) <= 4 * np.finfo(np.float32).eps * scale:
        raise MeasurementError(
            f"the embeddings of {images} at layer {layer} are all equal: the encoder has collapsed",
            where=encoder,
            fix="choose another layer or snapshot, or train again with other settings",
        )


def _fix(folder: Path) -> str:
    return f"remove {folder} and run again to remake it"
