"""The catalogue of a source folder: every image opened once, with size, boxes and hash, or the reason why not."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal

import polars as pl

from dejavu_tui.errors import AnnotationError, ContentError, ImageError, RequestError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.listing import Entry, Listing
from dejavu_tui.images.pixels import THREADS, decode, read_image
from dejavu_tui.images.voc import Annotation, parse_voc
from dejavu_tui.records import Progress, Step, Stop, never, silent
from dejavu_tui.tables import BOXES, DROPPED, HASHES, IMAGES
from dejavu_tui.text import safe_text

_CHUNK = 256


@dataclass(frozen=True)
class Catalogue:
    """The images that can be used, and those that cannot with the reason."""

    images: pl.DataFrame
    """Table IMAGES."""
    boxes: pl.DataFrame
    """Table BOXES."""
    dropped: pl.DataFrame
    """Table DROPPED: bad files, and copies of other images."""
    hashes: pl.DataFrame
    """Table HASHES."""


def scan(
    listing: Listing,
    *,
    on_bad: Literal["refuse", "skip"],
    drop_past_right: bool = False,
    progress: Progress = silent,
    stop: Stop = never,
) -> Catalogue:
    """Read and fully decode every image of `listing`, and its boxes.

    Of files with the same bytes the first in byte order of the paths is kept, the others are dropped. A bad image
    or annotation ends the scan with `refuse`, once all are known; with `skip` the image is dropped. With
    `drop_past_right` an image with a box past its right edge is dropped either way (the rule of `stripes`).
    Raises ImageError, AnnotationError: naming the first bad file and the number of others. RequestError: no
    images. StoppedError.
    """
    bad: list[tuple[str, ContentError]] = [
        (path, ImageError(reason, where=safe_text(str(listing.root / path)), fix=""))
        for path, reason in listing.refused
    ]
    good: list[tuple[Entry, _Seen, tuple[Box, ...]]] = []
    dropped: list[tuple[str, str]] = []
    first: dict[bytes, str] = {}
    for entry, seen in _look_all(listing, progress=progress, stop=stop):
        if isinstance(seen, ContentError):
            bad.append((entry.path, seen))
            continue
        boxes = seen.annotation.boxes if seen.annotation else ()
        if seen.sha256 in first:
            dropped.append((entry.path, f"same bytes as {first[seen.sha256]}"))
        elif drop_past_right and any(box.x1 > seen.width for box in boxes):
            dropped.append((entry.path, "a box reaches past the right edge"))
        else:
            try:
                fitting = seen.annotation.fit(width=seen.width, height=seen.height) if seen.annotation else ()
            except AnnotationError as error:
                bad.append((entry.path, error))
            else:
                first[seen.sha256] = entry.path
                good.append((entry, seen, fitting))
    if bad and on_bad == "refuse":
        raise _refusal(sorted(bad, key=lambda item: item[0].encode()))
    if not good:
        root = safe_text(str(listing.root))
        raise RequestError("holds no usable image", where=root, fix="give a folder of class folders of images")
    dropped += [(path, _reason(error)) for path, error in bad]
    return _catalogue(good, sorted(dropped, key=lambda item: item[0].encode()))


@dataclass(frozen=True)
class _Seen:
    sha256: bytes
    width: int
    height: int
    annotation: Annotation | None


def _look_all(
    listing: Listing, *, progress: Progress, stop: Stop
) -> Iterator[tuple[Entry, "_Seen | ContentError"]]:
    """Yield every entry, in order, with what was seen in it or why it is bad; a chunk is decoded at a time."""
    entries = iter(listing.entries)
    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        while chunk := list(islice(entries, _CHUNK)):
            if stop():
                raise StoppedError
            yield from zip(chunk, pool.map(partial(_look, listing.root), chunk), strict=True)
            done += len(chunk)
            progress(Step("read images", done, len(listing.entries)))


def _look(root: Path, entry: Entry) -> "_Seen | ContentError":
    path = root / entry.path
    try:
        data = read_image(path)
        picture = decode(data, where=path)
        annotation = parse_voc(entry.annotation) if entry.annotation else None
    except ContentError as error:
        return error
    return _Seen(hashlib.sha256(data).digest(), picture.width, picture.height, annotation)


def _refusal(bad: list[tuple[str, ContentError]]) -> ContentError:
    first = bad[0][1]
    others = f" (and {len(bad) - 1} more bad files)" if len(bad) > 1 else ""
    return type(first)(
        f"{first.what}{others}", where=first.where, fix="mend or remove it, or drop such images with --on-bad skip"
    )


def _reason(error: ContentError) -> str:
    return f"bad {'annotation' if isinstance(error, AnnotationError) else 'image'}: {error.what}"


def _catalogue(good: list[tuple[Entry, _Seen, tuple[Box, ...]]], dropped: list[tuple[str, str]]) -> Catalogue:
    names = sorted({entry.label_name for entry, _, _ in good}, key=str.encode)
    labels = {name: label for label, name in enumerate(names)}
    images = [
        (image_id, entry.path, labels[entry.label_name], entry.label_name, seen.width, seen.height)
        for image_id, (entry, seen, _) in enumerate(good)
    ]
    boxes = [
        (image_id, box.x0, box.y0, box.x1, box.y1)
        for image_id, (_, _, fitting) in enumerate(good)
        for box in fitting
    ]
    hashes = [(image_id, seen.sha256) for image_id, (_, seen, _) in enumerate(good)]
    return Catalogue(
        images=IMAGES.check(pl.DataFrame(images, IMAGES.schema, orient="row")),
        boxes=BOXES.check(pl.DataFrame(boxes, BOXES.schema, orient="row")),
        dropped=DROPPED.check(pl.DataFrame(dropped, DROPPED.schema, orient="row")),
        hashes=HASHES.check(pl.DataFrame(hashes, HASHES.schema, orient="row")),
    )
