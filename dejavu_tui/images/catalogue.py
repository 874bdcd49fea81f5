"""The catalogue of a source folder: every usable image with size, boxes and hash; of the others the reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from dejavu_tui.errors import AnnotationError, ContentError, ImageError, RequestError
from dejavu_tui.images.copies import find_copies, why, without_copies
from dejavu_tui.images.fitting import fit_boxes
from dejavu_tui.images.listing import Listing
from dejavu_tui.images.seen import look_at_all
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.tables import BOXES, COPIES, DROPPED, HASHES, IMAGES
from dejavu_tui.text import safe_text

_ERRORS: dict[str, type[ContentError]] = {error.__name__: error for error in (ImageError, AnnotationError)}
BAD = "bad "
"""What the reason in table DROPPED begins with where a file cannot be used."""
_SORTS = {"ImageError": "image", "AnnotationError": "annotation"}


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
    given: pl.DataFrame
    """image_id, part, crop_x0, crop_y0, crop_x1, crop_y1 of each image: what the layout says, else empty."""
    copies: pl.DataFrame
    """Table COPIES: those of these images that are copies of another before them."""
    compared: int
    """Number of these images of which the pictures were compared: not those too plain, nor without `pixels`."""
    clipped: int
    """Number of boxes of these images that reached outside, and were clipped."""


def scan(
    listing: Listing,
    *,
    on_bad: Literal["refuse", "skip"],
    copies: Literal["refuse", "drop", "keep"] = "refuse",
    drop_past_right: bool = False,
    pixels: bool = True,
    kept: Path | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Catalogue:
    """Read every image of `listing`, and its boxes; with `pixels` it is decoded, else only its header and its end
    are looked at. What was seen is kept below the folder `kept`, for the next time after a stop.

    Images with the bytes of another, or (with `pixels`) its picture, end the scan with `copies` refuse; with `drop`
    the first in byte order of the paths is kept (of those with a label, if any has one), with `keep` all are. A bad
    image or annotation ends the scan with `refuse`, once all are known; with `skip` the image is dropped. With
    `drop_past_right` an image with a box past its right edge is dropped either way (the rule of `stripes`).
    Raises ImageError, AnnotationError: naming the first bad file and the number of others. RequestError: no
    images, or none with a label. StoppedError.
    """
    seen, marked = look_at_all(listing, pixels=pixels, kept=kept, progress=progress, stop=stop)
    seen = _with_sizes(seen, listing)
    boxes = pl.concat([listing.boxes, marked]).unique(maintain_order=True)
    fitted = fit_boxes(seen, boxes)
    bad = _bad(fitted.seen, listing)
    if not bad.is_empty() and on_bad == "refuse":
        raise _refusal(bad)
    sound = listing.images.drop("width", "height", "annotation").join(
        fitted.seen.filter(pl.col("error").is_null()), on="path", maintain_order="left"
    )
    if drop_past_right:
        past = boxes.join(sound.select("path", "width"), on="path").filter(pl.col("x1") > pl.col("width"))
        past_right = sound.join(past, on="path", how="semi")
        sound = sound.join(past, on="path", how="anti", maintain_order="left")
    else:
        past_right = sound.clear()
    found = find_copies(sound, progress=progress, stop=stop)
    sound = without_copies(sound, found, how=copies, listing=listing)
    gone = found.join(sound, on="path", how="anti", maintain_order="left")
    if sound["label_name"].null_count() == sound.height:
        root = safe_text(str(listing.root))
        what = "holds no usable image" if sound.is_empty() else "no usable image has a label"
        raise RequestError(what, where=root, fix="give a folder of class folders of images, or their labels")
    dropped = pl.concat(
        [
            why(gone),
            past_right.select("path", reason=pl.lit("a box reaches past the right edge")),
            bad.select("path", reason=pl.format(BAD + "{}: {}", pl.col("error").replace(_SORTS), "what")),
        ]
    )
    clipped = fitted.clipped.is_in(sound["path"].implode()).sum()
    kept_copies = found.join(sound, on="path", how="semi")
    return _catalogue(sound, fitted.boxes, dropped.sort("path"), copies=kept_copies, clipped=int(clipped))


def _with_sizes(seen: pl.DataFrame, listing: Listing) -> pl.DataFrame:
    """Return table SEEN with the sizes that the layout gives, where no file beside an image does."""
    told = listing.images.select("path", "width", "height").rename({"width": "told_width", "height": "told_height"})
    return (
        seen.join(told, on="path", maintain_order="left")
        .with_columns(
            annotated_width=pl.coalesce("annotated_width", "told_width"),
            annotated_height=pl.coalesce("annotated_height", "told_height"),
        )
        .select(seen.columns)
    )


def _bad(seen: pl.DataFrame, listing: Listing) -> pl.DataFrame:
    """Return path, error, what, where of each bad image and of each that the layout refuses, by path."""
    refused = pl.DataFrame(
        [(path, ImageError.__name__, what, safe_text(str(listing.root / path))) for path, what in listing.refused],
        dict.fromkeys(("path", "error", "what", "where"), pl.String),
        orient="row",
    )
    return pl.concat([seen.filter(pl.col("error").is_not_null()).select(refused.columns), refused]).sort("path")


def _refusal(bad: pl.DataFrame) -> ContentError:
    told = [(safe_text(where), safe_text(what)) for _, _, what, where in bad.iter_rows()]
    fix = "mend or remove it, or drop such images with --on-bad skip"
    return _ERRORS[bad["error"][0]].of_all(told, called="bad files", fix=fix)


def _catalogue(
    sound: pl.DataFrame, boxes: pl.DataFrame, dropped: pl.DataFrame, *, copies: pl.DataFrame, clipped: int
) -> Catalogue:
    images = sound.with_row_index("image_id").with_columns(
        pl.col("image_id").cast(pl.Int64), label=pl.col("label_name").rank("dense").cast(pl.Int64) - 1
    )
    ids = images.select("image_id", "path")
    firsts = ids.select(first_path="path", first="image_id")
    numbered = copies.rename({"first": "first_path"}).join(ids, on="path").join(firsts, on="first_path")
    return Catalogue(
        images=IMAGES.check(images.select(IMAGES.schema.names())),
        boxes=BOXES.check(ids.join(boxes, on="path").select(BOXES.schema.names()).sort(BOXES.schema.names())),
        dropped=DROPPED.check(dropped),
        hashes=HASHES.check(images.select("image_id", "sha256")),
        given=images.select("image_id", "part", "crop_x0", "crop_y0", "crop_x1", "crop_y1"),
        copies=COPIES.check(numbered.select(COPIES.schema.names()).sort("image_id")),
        compared=images.height - images["picture"].null_count(),
        clipped=clipped,
    )
