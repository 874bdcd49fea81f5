"""Which image goes where: A, B, shared, X, E and V, from the sorted image ids and a seed alone."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import ContentError, RequestError
from dejavu_tui.records import Part
from dejavu_tui.seeds import generator
from dejavu_tui.tables import IMAGES, PARTS
from dejavu_tui.text import safe_text


def assign(images: pl.DataFrame, *, attackable: Collection[int], settings: AuditSettings) -> pl.DataFrame:
    """Return the part of each image (table PARTS); `attackable` are the image ids that have a background crop.

    In each class, in an order drawn from the seed: `per_class` attackable images to A and as many to B (None: a
    fifth of the attackable images of the class that has fewest); of the class's unattackable images the same
    share, rounded down, to A and as many to B; `external` attackable images to E; `shared` and `validation`
    images of either sort to those parts; X keeps what is left, at least one image of each class. With
    `balance_public` X keeps as many of each class as the smallest class has left; the surplus is in no part. Of the
    images without a label A takes the share that it has of all attackable ones, rounded down, and B as many; the
    others are in no part.
    Raises RequestError: a class with too few images, naming what it has and what it needs.
    """
    IMAGES.check(images)
    chosen = set(attackable)
    classes = [
        _Class.of(frame, attackable=chosen, seed=settings.seed)
        for frame in images.sort("image_id").drop_nulls("label").partition_by("label_name", maintain_order=True)
    ]
    smallest = min(len(members.attackable) for members in classes)
    per_class = max(smallest // 5, 1) if settings.per_class is None else settings.per_class
    taken = [members.deal(per_class, settings=settings) for members in classes]
    public = min(len(dealt["X"]) for dealt in taken) if settings.balance_public else None
    rows = [
        (image_id, part)
        for dealt in taken
        for part, ids in dealt.items()
        for image_id in (ids[:public] if part == "X" else ids)
    ]
    share = Fraction(per_class * len(classes), sum(len(members.attackable) for members in classes))
    rows += _unlabelled(images, share=share, seed=settings.seed)
    return PARTS.check(pl.DataFrame(rows, PARTS.schema, orient="row").sort("image_id"))


def _unlabelled(images: pl.DataFrame, *, share: Fraction, seed: int) -> list[tuple[int, Part]]:
    ids = images.filter(pl.col("label").is_null())["image_id"].sort().to_list()
    order = _shuffled(ids, seed=seed, names=("no label",))
    each = int(len(order) * share)
    return [(image_id, "A") for image_id in order[:each]] + [(image_id, "B") for image_id in order[each : 2 * each]]


def check_equal(parts: pl.DataFrame, *, images: pl.DataFrame, attackable: Collection[int]) -> None:
    """Raise ContentError unless A and B of `parts` (table PARTS) `are_equal`."""
    if not are_equal(parts, images=images, attackable=attackable):
        _broken("A and B differ in their number of images of a class")


def are_equal(parts: pl.DataFrame, *, images: pl.DataFrame, attackable: Collection[int]) -> bool:
    """Tell whether A and B of `parts` (table PARTS) have equal numbers of each class, attackable and not."""
    known = parts.join(images, on="image_id", how="left").with_columns(
        attackable=pl.col("image_id").is_in(list(attackable))
    )
    sizes = known.filter(pl.col("part").is_in(["A", "B"])).pivot(
        "part", index=["label_name", "attackable"], values="image_id", aggregate_function="len"
    )
    return {"A", "B"} <= set(sizes.columns) and sizes.filter(pl.col("A").ne_missing(pl.col("B"))).is_empty()


def check(
    parts: pl.DataFrame, *, images: pl.DataFrame, hashes: pl.DataFrame | None, attackable: Collection[int], k: int
) -> None:
    """Hold `parts` (table PARTS) of `images` (table IMAGES) to what every number of the audit relies on.

    Raises RequestError: k is larger than X. ContentError: an image in two parts, by id or (`hashes`: image_id,
    sha256; None: copies are allowed) by content; an image of E that cannot be attacked; one without a label that
    is attacked, or in X or V.
    """
    PARTS.check(parts)
    if hashes is not None:
        copies = parts.join(hashes, on="image_id", how="left").filter(pl.col("sha256").is_duplicated())
        if copies.height:
            _broken(f"images {copies['image_id'][0]} and {copies['image_id'][1]} have the same content")
    external = parts.filter(pl.col("part") == "E")["image_id"]
    if not set(attackable).issuperset(external):
        _broken("E holds an image that cannot be attacked")
    nameless = images.filter(pl.col("label").is_null())["image_id"]
    labelled = parts.filter(pl.col("part").is_in(["X", "V"]))["image_id"]
    if not {*attackable, *labelled}.isdisjoint(nameless):
        _broken("an image without a label is attacked, or in X or V")
    public = parts.filter(pl.col("part") == "X").height
    if k > public:
        raise RequestError(
            f"k = {k} is larger than the public set X of {public} images",
            where="--k",
            fix="choose a smaller --k, or leave more images to X",
        )


@dataclass(frozen=True)
class _Class:
    """The images of one class, each sort in the order drawn from the seed."""

    name: str
    attackable: tuple[int, ...]
    others: tuple[int, ...]
    seed: int

    @classmethod
    def of(cls, frame: pl.DataFrame, *, attackable: set[int], seed: int) -> "_Class":
        name = str(frame["label_name"][0])
        ids = _shuffled(frame["image_id"].to_list(), seed=seed, names=("class", name))
        return cls(
            name, tuple(i for i in ids if i in attackable), tuple(i for i in ids if i not in attackable), seed
        )

    def deal(self, per_class: int, *, settings: AuditSettings) -> dict[Part, tuple[int, ...]]:
        """Return the ids of each part. Raises RequestError: too few images."""
        have, need = len(self.attackable), 2 * per_class + settings.external
        if have < need:
            self._too_few(f"{have} images that can be attacked, but A, B and E need {need}")
        beside = len(self.others) * per_class // have
        left = self.attackable[need:] + self.others[2 * beside :]
        spread = settings.shared + settings.validation
        if len(left) <= spread:
            self._too_few(f"{len(left)} images left for the parts shared, V and X, which need {spread + 1}")
        rest = tuple(_shuffled(sorted(left), seed=self.seed, names=("rest", self.name)))
        return {
            "A": self.attackable[:per_class] + self.others[:beside],
            "B": self.attackable[per_class : 2 * per_class] + self.others[beside : 2 * beside],
            "E": self.attackable[2 * per_class : need],
            "shared": rest[: settings.shared],
            "V": rest[settings.shared : spread],
            "X": rest[spread:],
        }

    def _too_few(self, what: str) -> None:
        raise RequestError(
            f"class '{safe_text(self.name, limit=60)}' has {what}",
            fix="lower --per-class, --sizes, --external, --shared or --validation, or leave the class out",
        )


def _shuffled(ids: list[int], *, seed: int, names: tuple[str, ...]) -> list[int]:
    order = generator(seed, "split", *names).permutation(len(ids))
    return [ids[place] for place in order]


def _broken(what: str) -> None:
    raise ContentError(what, where="the parts of the audit", fix="make the audit again with `dejavu split`")
