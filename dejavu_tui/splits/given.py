"""Parts that the images come with, from a manifest or from another partition."""

from collections.abc import Collection

import polars as pl

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import RequestError
from dejavu_tui.tables import PARTS

_ASKED = ("per_class", "shared", "external", "validation", "balance_public")
"""Settings that decide who goes where."""
_NEEDED = ("A", "B", "X")


def given_parts(given: pl.DataFrame, *, attackable: Collection[int], settings: AuditSettings) -> pl.DataFrame:
    """Return the part of each image (table PARTS) as `given` (columns image_id, part) says; an image of E that is
    not `attackable` is in none.

    Raises RequestError: `settings` ask for parts too, or A, B or X is empty.
    """
    asked = [name for name in _ASKED if getattr(settings, name) != AuditSettings.model_fields[name].default]
    if asked:
        raise RequestError(
            f"the images come with their parts, and --{asked[0].replace('_', '-')} asks for others",
            fix="leave it out, or the parts out of the manifest",
        )
    idle = (pl.col("part") == "E") & ~pl.col("image_id").is_in(list(attackable))
    parts = given.filter(pl.col("part").is_not_null(), ~idle).select("image_id", "part").sort("image_id")
    empty = [part for part in _NEEDED if part not in set(parts["part"])]
    if empty:
        raise RequestError(
            f"no usable image is in part {empty[0]}", fix="correct the parts that the images come with"
        )
    return PARTS.check(parts)
