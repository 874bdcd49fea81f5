"""A few images of a view, drawn by the audit's seed, on which encoders are compared."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.images.pictures import Pictures
from dejavu_tui.records import View
from dejavu_tui.seeds import generator
from dejavu_tui.workflows.shown import images_of, with_hashes
from dejavu_tui.workspace import Audit


def drawn_rows(audit: Audit, view: View, *, count: int, stream: str) -> pl.DataFrame:
    """Return `count` images of `view` (all, if it has fewer), rows of `images_of` with their hashes, in order of
    image_id. Each `stream` draws its own.
    """
    images = images_of(audit, view)
    rng = generator(audit.settings.seed, stream, view)
    return with_hashes(audit, images[np.sort(rng.permutation(images.height)[:count])])


def drawn(audit: Audit, view: View, *, count: int, size: int, stream: str) -> NDArray[np.uint8]:
    """Return the images of `drawn_rows` as an encoder of input `size` sees them: (n, size, size, 3), 0..255.

    Raises as `decoding.look_at` does.
    """
    rows = drawn_rows(audit, view, count=count, stream=stream)
    return Pictures(rows, source=audit.source, size=size, batch=max(rows.height, 1)).batch(0)
