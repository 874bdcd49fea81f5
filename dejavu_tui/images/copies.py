"""Copies: images whose file, or whose picture, is another's before them, so that a part would leak into another."""

from typing import Literal

import numpy as np
import polars as pl

from dejavu_tui.errors import ImageError
from dejavu_tui.images.alike import HASH_BYTES, first_alike
from dejavu_tui.images.listing import Listing
from dejavu_tui.records import Progress, Stop
from dejavu_tui.text import safe_text

SAME_BYTES, SAME_PICTURE, OTHER_CLASS = "same bytes as ", "same picture as ", ", of another class"


def find_copies(images: pl.DataFrame, *, progress: Progress, stop: Stop) -> pl.DataFrame:
    """Return the copies among `images` (columns path, label_name, sha256, picture): path, first (the first image
    with its bytes, else with its picture, of those with a label before others, in byte order of the paths), bits
    (that the pictures' hashes differ in; null: the same bytes), other_class (both have a label, and not the same).
    Images without a picture hash are compared by their bytes alone. Raises StoppedError.
    """
    images = images.sort(pl.col("label_name").is_null(), "path")
    same_bytes = images.select("path", first=pl.col("path").first().over("sha256"), bits=pl.lit(None, pl.Int64))
    same_bytes = same_bytes.filter(pl.col("path") != pl.col("first"))
    hashed = images.filter(pl.col("picture").is_not_null()).join(same_bytes, on="path", how="anti")
    hashes = np.frombuffer(b"".join(hashed["picture"]), np.uint8).reshape(-1, HASH_BYTES)
    first, bits = first_alike(hashes, progress=progress, stop=stop)
    alike = hashed.select("path", first=hashed["path"].gather(first), bits=bits)
    copies = pl.concat([same_bytes, alike.filter(pl.col("path") != pl.col("first"))]).sort("path")
    labels = images.select("path", "label_name")
    of_first = labels.rename({"path": "first", "label_name": "first_label"})
    both = copies.join(labels, on="path", maintain_order="left").join(of_first, on="first", maintain_order="left")
    differ = (pl.col("label_name") != pl.col("first_label")).fill_null(value=False)
    return both.select(*copies.columns, other_class=differ)


def without_copies(
    images: pl.DataFrame, copies: pl.DataFrame, *, how: Literal["refuse", "drop", "keep"], listing: Listing
) -> pl.DataFrame:
    """Return `images` less those that are `copies` of others, or with them: `how` is keep.

    Raises ImageError: there are copies, which `how` refuses; they are listed.
    """
    if copies.is_empty() or how == "keep":
        return images
    if how == "drop":
        return images.join(copies, on="path", how="anti", maintain_order="left")
    root = safe_text(str(listing.root))
    told = [
        (f"{root}/{safe_text(path)}", f"has the {safe_text(reason)}") for path, reason in why(copies).iter_rows()
    ]
    fix = "remove one of them, keep the first of each with --copies drop, or all with --copies keep"
    raise ImageError.of_all(told, called="copies", fix=fix)


def why(copies: pl.DataFrame) -> pl.DataFrame:
    """Return path and reason of `copies`."""
    sort = pl.when(pl.col("bits").is_null()).then(pl.lit(SAME_BYTES)).otherwise(pl.lit(SAME_PICTURE))
    told = pl.when("other_class").then(pl.lit(OTHER_CLASS)).otherwise(pl.lit(""))
    return copies.select("path", reason=sort + pl.col("first") + told)
