"""What an encoder of a size was trained on, and so which images are attacked with it."""

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.records import Trainer
from dejavu_tui.splits.nested import nested_order
from dejavu_tui.workspace import Audit


def trained_on(audit: Audit, trainer: Trainer, *, size: int | None) -> pl.DataFrame:
    """Return the training set of an encoder: rows of `Audit.members`, in order of image_id.

    `size` images of its own part (None: all), nested and balanced (`nested_order`), and all shared ones on top.
    Raises RequestError: `size` is larger than the part, or below 2.
    """
    check_size(audit, size)
    members = audit.members(trainer, "shared")
    if size is None:
        return members
    return members.filter((pl.col("part") == "shared") | pl.col("image_id").is_in(_first(audit, trainer, size)))


def asked_at(audit: Audit, *, size: int | None) -> pl.Series:
    """Return for each row of `Audit.attacked` whether encoders of `size` are asked about it.

    Of A and B about those that they were trained on, of E about all.
    """
    asked = pl.lit(True) if size is None else _of_size(audit, size)
    return audit.attacked().with_columns(asked=asked)["asked"]


def not_attacked(audit: Audit, *, size: int | None = None) -> pl.DataFrame:
    """Return why how many images of A, B and E are trained on or held out but not attacked: reason, images."""
    reasons = audit.crops.filter(pl.col("reason").is_not_null()).join(audit.parts, on="image_id")
    if size is not None:
        reasons = reasons.filter(_of_size(audit, size))
    return reasons.group_by("reason").agg(images=pl.len()).sort("reason")


def check_size(audit: Audit, size: int | None) -> None:
    """Raise RequestError unless `size` images can be taken from each of A and B."""
    if size is None:
        return
    whole = whole_size(audit)
    if not 2 <= size <= whole:
        raise RequestError(
            f"no training set of {size} images: A and B hold {whole} each",
            where=audit.root,
            fix="choose --size from 2 to that, or all; or split anew with --sizes or --per-class",
        )


def whole_size(audit: Audit) -> int:
    """Return the number of images that A and B hold each, at least."""
    return min(audit.parts.filter(part=part).height for part in ("A", "B"))


def _of_size(audit: Audit, size: int) -> pl.Expr:
    check_size(audit, size)
    ids = [*_first(audit, "A", size), *_first(audit, "B", size)]
    return (pl.col("part") == "E") | pl.col("image_id").is_in(ids)


def _first(audit: Audit, trainer: Trainer, size: int) -> list[int]:
    attackable = audit.crops.filter(pl.col("reason").is_null())["image_id"].to_list()
    order = nested_order(audit.members(trainer), attackable=attackable, seed=audit.settings.seed)
    return [int(image_id) for image_id in order[:size]]
