"""Nested training sets of several sizes: in which order the images of A, or of B, enter, and that all fit in."""

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import RequestError
from dejavu_tui.seeds import generator

_NO_CLASS = ""
"""Name of the group of images without a label; no class is called so."""


def nested_order(members: pl.DataFrame, *, attackable: Collection[int], seed: int) -> NDArray[np.int64]:
    """Return the image ids of `members` (columns image_id, label_name) in an order whose every prefix is balanced.

    A group is what a class has of one sort: images that can be attacked, or others. In every prefix all groups
    have entered to one common share of their size, each to within half an image, so classes of equal size differ
    by one at most. The numbers depend on the groups' sizes and `seed` alone: A and B, which are alike in these,
    give equal numbers for every N. The training set of size N is the first N, so each holds every smaller one
    (METHOD 2.8).
    """
    sort = pl.col("image_id").is_in(list(attackable)).alias("attackable")
    rows = members.select("image_id", pl.col("label_name").fill_null(_NO_CLASS), sort).sort(
        "label_name", "attackable", "image_id"
    )
    ids, shares, lots = [], [], []
    for group in rows.partition_by("label_name", "attackable", maintain_order=True):
        names = (group["label_name"][0], "attackable" if group["attackable"][0] else "others")
        rng = generator(seed, "nested", *names)
        ids.append(group["image_id"].to_numpy()[rng.permutation(group.height)])
        shares.append((np.arange(group.height) + 0.5) / group.height)
        lots.append(rng.random(group.height))  # who of equal shares comes first
    if not ids:
        return np.empty(0, np.int64)
    return np.concatenate(ids)[np.lexsort((np.concatenate(lots), np.concatenate(shares)))]


def with_room(settings: AuditSettings, *, classes: int) -> AuditSettings:
    """Return `settings` with A as large as the largest size needs, unless `per_class` was asked for."""
    if settings.per_class is not None or not settings.sizes:
        return settings
    return settings.model_copy(update={"per_class": -(-settings.sizes[-1] // classes)})


def check_planned(sizes: Sequence[int], *, whole: int) -> None:
    """Raise RequestError if one of `sizes`, which rise, is larger than A, which becomes `whole` images."""
    if sizes and sizes[-1] > whole:
        raise RequestError(
            f"a training set of {sizes[-1]} images is planned, but A and B become {whole} each",
            where="--sizes",
            fix="raise --per-class, which a split.toml beside the images may set, or choose smaller --sizes",
        )
