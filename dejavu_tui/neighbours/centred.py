"""Vectors less their mean, block by block, so that a search needs little memory beside them."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.float32, np.float64)
_CHUNK = 1 << 16
"""Numbers that pass through the cache at a time."""


class CentredVectors:
    """`vectors` float32 (N, d), N >= 1, finite, perhaps memory-mapped, less their mean.

    At most `block_bytes` of them are held centred: all, or block after block, made anew each time.
    """

    def __init__(self, vectors: NDArray[np.float32], *, block_bytes: int) -> None:
        self._vectors, self._block_bytes = vectors, block_bytes
        total = np.zeros(vectors.shape[1])
        for start in range(0, len(vectors), 256):
            total += vectors[start : start + 256].sum(axis=0, dtype=np.float64)
        self._centre = total / len(vectors)
        fits = 4 * vectors.size <= block_bytes
        self._kept: NDArray[Any] | None = self.centred(vectors, np.float32) if fits else None
        self.radius = max(float(norms(block).max()) for _, block in self.blocks(np.float32))
        """Length of the longest, centred."""

    @property
    def kept(self) -> bool:
        """Whether all are held centred."""
        return self._kept is not None

    def blocks(self, precision: type[Number]) -> Iterator[tuple[int, NDArray[Number]]]:
        """Yield the place of each block's first vector, and the block (m, d). A block lasts until the next."""
        if self._kept is not None and self._kept.dtype == precision:
            yield 0, self._kept
            return
        rows = max(1, self._block_bytes // (np.dtype(precision).itemsize * self._vectors.shape[1]))
        room = np.empty((min(rows, len(self._vectors)), self._vectors.shape[1]), precision)
        for start in range(0, len(self._vectors), rows):
            block = self._vectors[start : start + rows]
            yield start, self._subtract(block, room[: len(block)])

    def centred(self, vectors: NDArray[np.float32], precision: type[Number]) -> NDArray[Number]:
        """Return `vectors` (n, d) less the mean of the vectors: exact but for two roundings to `precision`."""
        return self._subtract(vectors, np.empty(vectors.shape, precision))

    def _subtract(self, vectors: NDArray[np.float32], room: NDArray[Number]) -> NDArray[Number]:
        step = max(1, _CHUNK // vectors.shape[1])
        for start in range(0, len(vectors), step):
            room[start : start + step] = vectors[start : start + step] - self._centre
        return room


def norms(vectors: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lengths (n,) of `vectors` (n, d), summed in float64."""
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))
    return lengths
