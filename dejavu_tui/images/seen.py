"""Every image of a listing opened once: its hash, size and boxes, or why it is bad."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import polars as pl

from dejavu_tui.errors import ContentError, StoppedError
from dejavu_tui.images.listing import MARKED, Listing
from dejavu_tui.images.pixels import THREADS, decode, read_image
from dejavu_tui.images.voc import parse_voc
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.tables import Column, Table

SEEN = Table(
    "seen",
    ("path",),
    (
        Column("path", pl.String, "image"),
        Column("sha256", pl.Binary, "of the file's bytes", nullable=True),
        Column("width", pl.Int64, "pixels", nullable=True),
        Column("height", pl.Int64, "pixels", nullable=True),
        Column("annotation", pl.String, "file of its boxes", nullable=True),
        Column("annotated_width", pl.Int64, "of the image that the annotation was written for", nullable=True),
        Column("annotated_height", pl.Int64, "", nullable=True),
        Column("error", pl.String, "ImageError or AnnotationError: it is bad", nullable=True),
        Column("what", pl.String, "is wrong with it", nullable=True),
        Column("where", pl.String, "which file that is", nullable=True),
    ),
)
_CHUNK = 256
_Row = tuple[str | bytes | int | None, ...]
_Box = tuple[str, int, int, int, int]


def look_at_all(listing: Listing, *, progress: Progress, stop: Stop) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what every image of `listing` holds (table SEEN, in its order) and the boxes (table MARKED) of the
    files beside them, as they are annotated. Each image is decoded. Raises StoppedError.
    """
    rows: list[_Row] = []
    boxes: list[_Box] = []
    for row, marked in _look_all(listing, progress=progress, stop=stop):
        rows.append(row)
        boxes += marked
    seen = SEEN.check(pl.DataFrame(rows, SEEN.schema, orient="row"))
    return seen, MARKED.check(pl.DataFrame(boxes, MARKED.schema, orient="row"))


def _look_all(listing: Listing, *, progress: Progress, stop: Stop) -> Iterator[tuple[_Row, list[_Box]]]:
    """Yield what is in every image, in order; a chunk is decoded at a time."""
    done, total = 0, listing.images.height
    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in listing.images.iter_slices(_CHUNK):
            if stop():
                raise StoppedError
            yield from pool.map(partial(_look, listing.root), chunk["path"], chunk["annotation"])
            done += chunk.height
            progress(Step("read images", done, total))


def _look(root: Path, path: str, annotation: str | None) -> tuple[_Row, list[_Box]]:
    place = root / path
    try:
        data = read_image(place)
        picture = decode(data, where=place)
        marked = None if annotation is None else parse_voc(Path(annotation))
    except ContentError as error:
        return (path, None, None, None, annotation, None, None, type(error).__name__, error.what, error.where), []
    boxes = [] if marked is None else [(path, box.x0, box.y0, box.x1, box.y1) for box in marked.boxes]
    meant = (None, None) if marked is None or marked.size is None else marked.size
    sha256 = hashlib.sha256(data).digest()
    return (path, sha256, picture.width, picture.height, annotation, *meant, None, None, None), boxes
