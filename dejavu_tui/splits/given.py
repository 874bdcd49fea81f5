"""Parts that the images come with, from a manifest or from another partition."""

from collections.abc import Collection

import polars as pl

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.tables import PARTS
from dejavu_tui.text import safe_text

_ASKED = ("per_class", "shared", "external", "validation", "balance_public")
"""Settings that decide who goes where."""
_NEEDED = ("A", "B", "X")
_ATTACKED = ("A", "B")
_LABELLED = ("X", "V")
"""Parts in which images need a label; those that are attacked need one too, and others are not attacked."""


def given_parts(
    given: pl.DataFrame, *, images: pl.DataFrame, attackable: Collection[int], settings: AuditSettings
) -> pl.DataFrame:
    """Return the part of each of `images` (table IMAGES) as `given` (columns image_id, part) says, as table PARTS;
    an image of E that is not `attackable` is in none.

    Raises RequestError: `settings` ask for parts too, A, B or X is empty, or no image of A or of B is `attackable`.
    AnnotationError: an image of X or V has no label.
    """
    asked = [name for name in _ASKED if getattr(settings, name) != AuditSettings.model_fields[name].default]
    if asked:
        raise RequestError(
            f"the images come with their parts, and --{asked[0].replace('_', '-')} asks for others",
            fix="leave it out, or the parts out of the manifest",
        )
    idle = (pl.col("part") == "E") & ~pl.col("image_id").is_in(list(attackable))
    parts = given.filter(pl.col("part").is_not_null(), ~idle).select("image_id", "part").sort("image_id")
    _check_labels(parts, images=images)
    empty = [part for part in _NEEDED if part not in set(parts["part"])]
    if empty:
        raise RequestError(
            f"no usable image is in part {empty[0]}", fix="correct the parts that the images come with"
        )
    for part in _ATTACKED:
        if not set(attackable).intersection(parts.filter(part=part)["image_id"]):
            raise RequestError(
                f"no image of part {part} can be attacked",
                fix="give some of them labels and boxes or crops, or use --crop corner",
            )
    return PARTS.check(parts)


def _check_labels(parts: pl.DataFrame, *, images: pl.DataFrame) -> None:
    placed = images.join(parts, on="image_id", maintain_order="left")
    lacking = placed.filter(pl.col("label").is_null(), pl.col("part").is_in(_LABELLED))
    if lacking.is_empty():
        return
    told = [
        (safe_text(path), f"has no label, which images of {part} need")
        for path, part in lacking.select("path", "part").iter_rows()
    ]
    raise AnnotationError.of_all(told, called="such images", fix="give it one, or another part")
