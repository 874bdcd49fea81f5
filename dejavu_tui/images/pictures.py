"""Preprocessed pictures that several encoders look at in turn, kept in memory as far as a budget goes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import batches
from dejavu_tui.records import Stop


class Pictures:
    """The images at `paths`, whole or each its crop of `crops`, for encoders of input `size`, in batches.

    They are kept if all of them take up to `budget` bytes; else they are decoded at every turn.
    """

    def __init__(
        self, paths: Sequence[Path], crops: Sequence[Box] | None, *, size: int, batch: int, budget: int
    ) -> None:
        self._paths, self._crops, self._size, self._batch = paths, crops, size, batch
        self._keeps = len(paths) * size * size * 3 <= budget
        self._kept: list[NDArray[np.uint8]] | None = None

    def turn(self, *, stop: Stop) -> Iterator[NDArray[np.uint8]]:
        """Yield all pictures as `pixels.batches` does. Raises ImageError; StoppedError between batches."""
        if self._kept is None:
            kept = []
            for pixels in batches(self._paths, self._crops, size=self._size, batch=self._batch, stop=stop):
                if self._keeps:
                    kept.append(pixels)
                yield pixels
            self._kept = kept if self._keeps else None
            return
        for pixels in self._kept:
            if stop():
                raise StoppedError
            yield pixels
