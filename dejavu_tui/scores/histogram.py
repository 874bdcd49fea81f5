"""How confident both encoders are of the images of each kind: counts in fixed bins."""

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.inference.confidence import DECIMALS
from dejavu_tui.records import KINDS

BINS = 20
ENCODERS = ("target", "reference")
_SCHEMA = {
    "part": pl.String,
    "encoder": pl.String,
    "kind": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "images": pl.Int64,
}


def edges(k: int, *, bins: int = BINS) -> NDArray[np.float64]:
    """Return the bins + 1 edges of equal bins from -ln k, where k neighbours all disagree, to 0, where all agree.

    They are rounded as confidences are, so that a confidence that lies on an edge is equal to it. With k = 1 every
    confidence is 0 and there is one bin, [0, 0].
    """
    if k == 1:
        return np.zeros(2)
    return np.round(-math.log(k) * np.arange(bins, -1, -1) / bins, DECIMALS) + 0.0  # never -0.0


def histogram_rows(samples: pl.DataFrame, *, k: int, bins: int = BINS) -> pl.DataFrame:
    """Return part, encoder, kind, low, high and images for every part, encoder, kind and bin, empty ones too.

    `samples` holds part, kind, target_confidence and reference_confidence (nats) of each attacked image. A bin
    is [low, high), the last one closed, so that for each encoder the bins hold every image once. Kinds
    are judged at the first guess, and are the same for both encoders.
    """
    steps = edges(k, bins=bins)
    rows: list[tuple[str, str, str, float, float, int]] = []
    for part in samples["part"].unique().sort():
        for encoder in ENCODERS:
            for kind in KINDS:
                chosen = samples.filter(part=part, kind=kind)[f"{encoder}_confidence"].to_numpy()
                place = np.clip(np.searchsorted(steps, chosen, side="right") - 1, 0, len(steps) - 2)
                images = np.bincount(place, minlength=len(steps) - 1)
                bounds = zip(steps[:-1], steps[1:], images, strict=True)
                rows += [(part, encoder, kind, float(low), float(high), int(n)) for low, high, n in bounds]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
