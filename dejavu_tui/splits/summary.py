"""The split in numbers, for people: sizes of the parts, and what was left out and why."""

import re
from dataclasses import dataclass

import polars as pl

from dejavu_tui.records import Part

_COPY = re.compile(r"^(same (?:bytes|picture) as ).*?(, of another class)?$", re.DOTALL)
_ORDER: tuple[Part, ...] = ("A", "B", "shared", "X", "E", "V")


@dataclass(frozen=True)
class PartRow:
    """One part: its images, how many of them are attacked and have no label, and the sizes of its smallest and
    largest class.
    """

    part: str
    images: int
    attacked: int
    class_min: int
    class_max: int
    unlabelled: int = 0


@dataclass(frozen=True)
class Summary:
    """What a split keeps and what it leaves out, and why."""

    parts: tuple[PartRow, ...]
    dropped: tuple[tuple[str, int], ...]
    """(reason, number of images in no part), most frequent first."""
    unattacked: tuple[tuple[str, int], ...]
    """(reason, number of images of A and B that are trained on and not attacked), most frequent first."""
    ignored: int
    """Number of other files in the source folder."""
    by_class: tuple[tuple[str, tuple[int, ...]], ...]
    """(name of a class, its number of images in each of `parts`), in byte order of the names."""
    strangers: int
    """Number of attacked images of classes that are not in X, which no neighbour can tell."""


def summarise(
    *, images: pl.DataFrame, parts: pl.DataFrame, crops: pl.DataFrame, dropped: pl.DataFrame, ignored: int
) -> Summary:
    """Count the tables IMAGES, PARTS, CROPS and DROPPED of a split; parts without images are left out."""
    attacked = crops.filter(pl.col("reason").is_null())
    present = [part for part in _ORDER if part in set(parts["part"])]
    return Summary(
        parts=tuple(_row(part, images=images, parts=parts, attacked=attacked) for part in present),
        dropped=_counts(dropped["reason"]),
        unattacked=_counts(crops["reason"].drop_nulls()),
        ignored=ignored,
        by_class=_by_class(images, parts=parts, present=present),
        strangers=_strangers(images=images, parts=parts, attacked=attacked),
    )


def _by_class(
    images: pl.DataFrame, *, parts: pl.DataFrame, present: list[Part]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    placed = images.drop_nulls("label").join(parts, on="image_id", how="left")
    numbers = [(pl.col("part") == part).sum().alias(part) for part in present]
    table = placed.group_by("label", "label_name").agg(numbers).sort("label").drop("label")
    return tuple((name, tuple(counts)) for name, *counts in table.iter_rows())


def _strangers(*, images: pl.DataFrame, parts: pl.DataFrame, attacked: pl.DataFrame) -> int:
    public = images.join(parts.filter(part="X"), on="image_id", how="semi")
    return images.join(attacked, on="image_id", how="semi").join(public, on="label", how="anti").height


def _row(part: Part, *, images: pl.DataFrame, parts: pl.DataFrame, attacked: pl.DataFrame) -> PartRow:
    members = images.join(parts.filter(pl.col("part") == part), on="image_id", how="semi")
    per_class = members["label"].drop_nulls().value_counts()["count"].to_list()
    classes = images["label"].drop_nulls().n_unique()
    return PartRow(
        part=part,
        images=members.height,
        attacked=members.join(attacked, on="image_id", how="semi").height,
        class_min=min(per_class) if len(per_class) == classes else 0,
        class_max=max(per_class, default=0),
        unlabelled=members["label"].null_count(),
    )


def _counts(reasons: pl.Series) -> tuple[tuple[str, int], ...]:
    """Return how often each sort of reason stands; a sort is what comes before a colon."""
    sorts: dict[str, int] = {}
    for reason in reasons:
        sort = _COPY.sub(r"\1another image\2", reason).split(":")[0]
        sorts[sort] = sorts.get(sort, 0) + 1
    return tuple(sorted(sorts.items(), key=lambda item: (-item[1], item[0])))
