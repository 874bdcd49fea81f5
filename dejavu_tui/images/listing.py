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
    refused: tuple[tuple[str, str], ...] = ()
    """(path, reason) of what looks like an image and is not opened: links, pipes, images in no class."""
    ignored: int = 0
    """Number of other files: hidden ones and hidden folders, and those whose name ends like no image's."""

    @property
    def has_boxes(self) -> bool:
        """Whether any image is annotated."""
        return not self.boxes.is_empty() or self.images["annotation"].null_count() < self.images.height
