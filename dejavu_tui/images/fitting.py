"""Annotated boxes fitted to the images they belong to.

The rule: what was written for an image of another size, or marks nothing of its image, belongs to another one, and
the image is bad. A box that reaches outside its image is clipped to it, which uncovers no pixel; it is counted.
"""

from dataclasses import dataclass

import polars as pl

from dejavu_tui.errors import AnnotationError
from dejavu_tui.images.listing import MARKED

_OUTSIDE = (
    (pl.col("x1") <= 0)
    | (pl.col("y1") <= 0)
    | (pl.col("x0") >= pl.col("width"))
    | (pl.col("y0") >= pl.col("height"))
)


@dataclass(frozen=True)
class Fitted:
    """Images and boxes that fit each other."""

    seen: pl.DataFrame
    """Table SEEN: images with boxes that belong to another image are bad."""
    boxes: pl.DataFrame
    """Table MARKED, of the images that are not bad."""
    clipped: pl.Series
    """The image of each box that reached outside."""


def fit_boxes(seen: pl.DataFrame, boxes: pl.DataFrame) -> Fitted:
    """Fit `boxes` (table MARKED) to the images `seen` (table SEEN)."""
    sound = seen.filter(pl.col("error").is_null())
    sized = boxes.join(sound.select("path", "width", "height"), on="path", maintain_order="left")
    other_size = pl.col("annotated_width").is_not_null() & (
        (pl.col("annotated_width") != pl.col("width")) | (pl.col("annotated_height") != pl.col("height"))
    )
    wrong = pl.concat(
        [
            sound.filter(other_size).select(
                "path",
                pl.format(
                    "was written for an image of {}x{} pixels, the image is {}x{} pixels",
                    *("annotated_width", "annotated_height", "width", "height"),
                ).alias("fault"),
            ),
            sized.filter(_OUTSIDE).select(
                "path",
                pl.format(
                    "the box [{}, {}) x [{}, {}) lies outside the image of {}x{} pixels",
                    *("x0", "x1", "y0", "y1", "width", "height"),
                ).alias("fault"),
            ),
        ]
    ).unique("path", keep="first", maintain_order=True)
    judged = seen.join(wrong, on="path", how="left", maintain_order="left")
    is_wrong = pl.col("fault").is_not_null()
    judged = judged.with_columns(
        error=pl.when(is_wrong).then(pl.lit(AnnotationError.__name__)).otherwise("error"),
        what=pl.coalesce("fault", "what"),
        where=pl.when(is_wrong).then(pl.coalesce("annotation", "path")).otherwise("where"),
    ).select(seen.columns)
    inside = sized.join(wrong, on="path", how="anti", maintain_order="left")
    clipped = inside.select(
        "path",
        pl.col("x0", "y0").clip(lower_bound=0),
        pl.min_horizontal("x1", "width").alias("x1"),
        pl.min_horizontal("y1", "height").alias("y1"),
    )
    changed = (inside.select(clipped.columns) != clipped).select(pl.any_horizontal(pl.all())).to_series()
    return Fitted(judged, MARKED.check(clipped.unique(maintain_order=True)), inside["path"].filter(changed))
