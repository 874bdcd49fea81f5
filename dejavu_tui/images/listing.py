"""What a layout finds in a source folder, before any image is opened."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dejavu_tui.tables import Column, Table

LISTED = Table(
    "listed",
    ("path",),
    (
        Column("path", pl.String, "relative to the source folder, with /"),
        Column("label_name", pl.String, "class; empty: none is known", nullable=True),
        Column("annotation", pl.String, "VOC file of its boxes, a path that can be opened", nullable=True),
        Column("width", pl.Int64, "of the image, as the layout says", nullable=True),
        Column("height", pl.Int64, "", nullable=True),
        Column("part", pl.String, "A, B, shared, X, E or V, where the layout says so", nullable=True),
        Column("crop_x0", pl.Int64, "background crop that the layout gives", nullable=True),
        Column("crop_y0", pl.Int64, "", nullable=True),
        Column("crop_x1", pl.Int64, "", nullable=True),
        Column("crop_y1", pl.Int64, "", nullable=True),
    ),
)
MARKED = Table(
    "marked",
    ("path", "x0", "y0", "x1", "y1"),
    (
        Column("path", pl.String, "image"),
        Column("x0", pl.Int64, "half-open box [x0, x1) x [y0, y1) in pixels, as annotated"),
        Column("y0", pl.Int64, ""),
        Column("x1", pl.Int64, ""),
        Column("y1", pl.Int64, ""),
    ),
)


def listed(images: pl.DataFrame) -> pl.DataFrame:
    """Return `images` as table LISTED, in byte order of the paths; columns that they lack become empty."""
    lacking = [
        pl.lit(None, column.dtype).alias(column.name)
        for column in LISTED.columns
        if column.name not in images.columns
    ]
    return LISTED.check(images.with_columns(lacking).select(LISTED.schema.names()).sort("path"))


@dataclass(frozen=True)
class Listing:
    """All image files of a source folder."""

    root: Path
    images: pl.DataFrame
    """Table LISTED, in byte order of the paths."""
    annotations: Path | None
    """Folder or file of the annotations; None: there are none."""
    boxes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MARKED.schema))
    """Table MARKED: the boxes that the layout itself gives."""
    no_area: int = 0
    """Number of boxes that the layout gives and that cover no pixel: they are left out."""
    refused: tuple[tuple[str, str], ...] = ()
    """(path, reason) of what looks like an image and is not opened: links, pipes, images in no class."""
    ignored: int = 0
    """Number of other files: hidden ones and hidden folders, and those whose name ends like no image's."""

    @property
    def gives_parts(self) -> bool:
        """Whether the layout says which part any image is in."""
        return self.images["part"].null_count() < self.images.height

    @property
    def gives_crops(self) -> bool:
        """Whether the layout says what the background crop of any image is."""
        return self.images["crop_x0"].null_count() < self.images.height

    @property
    def has_boxes(self) -> bool:
        """Whether any image is annotated."""
        return not self.boxes.is_empty() or self.images["annotation"].null_count() < self.images.height
