"""What one image file and its annotation hold: read once, hashed, and its pixels or its header checked."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from dejavu_tui.errors import ContentError
from dejavu_tui.images.alike import picture_hash
from dejavu_tui.images.headers import read_header
from dejavu_tui.images.pixels import decode, read_image
from dejavu_tui.images.voc import parse_voc


class Inspected(NamedTuple):
    """Columns of table SEEN, and the boxes as they are annotated; a tuple, because it crosses to other processes as
    JSON.
    """

    sha256: str | None
    """In hexadecimal."""
    picture: str | None
    """Its hash (`alike.picture_hash`), in hexadecimal; None: too plain, or not decoded."""
    width: int | None
    height: int | None
    annotated_width: int | None
    annotated_height: int | None
    error: str | None
    what: str | None
    where: str | None
    boxes: list[tuple[int, int, int, int]]


def inspect(path: Path, annotation: Path | None, *, pixels: bool) -> Inspected:
    """Return what the image at `path` and its VOC file hold, or why they are bad. With `pixels` the image is
    decoded, else only its header and its end are looked at.
    """
    try:
        data = read_image(path)
        picture = decode(data, where=path) if pixels else None
        width, height = read_header(data, where=path)  # a decoder may bear a missing end
        marked = None if annotation is None else parse_voc(annotation)
    except ContentError as error:
        return Inspected(None, None, None, None, None, None, type(error).__name__, error.what, error.where, [])
    boxes = [] if marked is None else [(box.x0, box.y0, box.x1, box.y1) for box in marked.boxes]
    across, down = (None, None) if marked is None or marked.size is None else marked.size
    shown = None if picture is None else picture_hash(picture)
    hashes = (hashlib.sha256(data).hexdigest(), None if shown is None else shown.hex())
    return Inspected(*hashes, width, height, across, down, None, None, None, boxes)
