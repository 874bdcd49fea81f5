"""The pictures of a view, in batches, as encoders of one input size see them."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.images.boxes import Box
from dejavu_tui.images.decoders import Decoders
from dejavu_tui.images.decoding import File, look_at

_CROP = ("x0", "y0", "x1", "y1")


class Pictures:
    """The images of a table (path below `source`, sha256 of the file; x0, y0, x1, y1: cropped to that), cut into
    batches of `batch`.

    Any number of threads may ask for batches, in any order. All are kept in memory once they were asked for, if
    together they take up to `budget` bytes; else each is decoded whenever it is asked for, by `decoders` if there
    are some.
    """

    def __init__(
        self,
        images: pl.DataFrame,
        *,
        source: Path,
        size: int,
        batch: int,
        budget: int = 0,
        decoders: Decoders | None = None,
    ) -> None:
        self._images, self._source, self._size, self.size_of_batch = images, source, size, batch
        self._keeps = images.height * size * size * 3 <= budget
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._cropped = set(_CROP) <= set(images.columns)
        self._look = look_at if decoders is None else decoders.look

    def __len__(self) -> int:
        """How many batches there are."""
        return -(-self._images.height // self.size_of_batch)

    def batch(self, number: int) -> NDArray[np.uint8]:
        """Return batch `number`, from 0: (n, size, size, 3), 0..255; n is `batch`, of the last batch the rest.

        Raises as `decoding.look_at` and `Decoders.look` do.
        """
        kept = self._kept.get(number)
        if kept is not None:
            return kept
        columns = ("path", "sha256", *_CROP) if self._cropped else ("path", "sha256")
        rows = self._images.slice(number * self.size_of_batch, self.size_of_batch).select(columns)
        files = [
            File(f"{self._source}/{path}", sha256, Box(*corners) if self._cropped else None)
            for path, sha256, *corners in rows.iter_rows()
        ]
        pixels = self._look(files, size=self._size)  # (n, size, size, 3)
        if self._keeps:
            self._kept[number] = pixels
        return pixels
