from collections import Counter
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import ContentError, RequestError
from dejavu_tui.splits.parts import assign, check, check_equal
from dejavu_tui.tables import IMAGES, PARTS

Sizes = list[tuple[int, int]]
"""(attackable, others) of each class."""


def catalogue(sizes: Sizes) -> tuple[pl.DataFrame, set[int]]:
    rows: list[tuple[int, str, int, str, int, int]] = []
    attackable: set[int] = set()
    for label, (boxed, others) in enumerate(sizes):
        for number in range(boxed + others):
            if number < boxed:
                attackable.add(len(rows))
            rows.append((len(rows), f"c{label}/{number:03d}.png", label, f"c{label}", 8, 8))
    return pl.DataFrame(rows, IMAGES.schema, orient="row"), attackable


def with_unlabelled(images: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return `images` and `count` more without a label."""
    rows = [(images.height + n, f"none/{n:03d}.png", None, None, 8, 8) for n in range(count)]
    return pl.concat([images, pl.DataFrame(rows, IMAGES.schema, orient="row")])


def hashes(images: pl.DataFrame) -> pl.DataFrame:
    return images.select("image_id", sha256=pl.col("path").cast(pl.Binary))


def counted(images: pl.DataFrame, parts: pl.DataFrame, attackable: set[int]) -> Counter[tuple[str, str, bool]]:
    rows = parts.join(images, on="image_id").select("part", "label_name", "image_id").rows()
    return Counter((part, name, image_id in attackable) for part, name, image_id in rows)


plans = st.fixed_dictionaries(
    {"per_class": st.integers(1, 4)}
    | {name: st.integers(0, 3) for name in ("shared", "external", "validation")}
    | {"balance_public": st.booleans(), "seed": st.integers(0, 5)}
)


@budget(deadline=None)
@given(sizes=st.lists(st.tuples(st.integers(14, 20), st.integers(8, 20)), min_size=1, max_size=4), asked=plans)
def test_numbers_of_each_part(sizes: Sizes, asked: dict[str, int]) -> None:
    images, attackable = catalogue(sizes)
    settings = AuditSettings(source="x", k=1, **asked)
    parts = assign(images, attackable=attackable, settings=settings)
    check(parts, images=images, hashes=hashes(images), attackable=attackable, k=1)
    count = counted(images, parts, attackable)
    left = []
    for label, (boxed, others) in enumerate(sizes):
        name = f"c{label}"

        def both(part: str, name: str = name) -> int:
            return count[part, name, True] + count[part, name, False]

        beside = others * settings.per_class // boxed  # type: ignore[operator]
        for part in ("A", "B"):
            assert count[part, name, True] == settings.per_class
            assert count[part, name, False] == beside
        assert (count["E", name, True], count["E", name, False]) == (settings.external, 0)
        assert (both("shared"), both("V")) == (settings.shared, settings.validation)
        left.append(boxed + others - sum(both(part) for part in ("A", "B", "E", "shared", "V")))
        assert both("X") == left[-1] or settings.balance_public
    if settings.balance_public:
        assert {count["X", f"c{n}", True] + count["X", f"c{n}", False] for n in range(len(sizes))} == {min(left)}
    else:
        assert parts.height == images.height


@budget(deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(14, 20), st.integers(8, 12)), min_size=1, max_size=3),
    count=st.integers(0, 40),
    asked=plans,
)
def test_images_without_a_label_go_to_a_and_b_alike_and_change_nothing_else(
    sizes: Sizes, count: int, asked: dict[str, int]
) -> None:
    images, attackable = catalogue(sizes)
    settings = AuditSettings(source="x", k=1, **asked)
    without = assign(images, attackable=attackable, settings=settings)
    whole = with_unlabelled(images, count)
    parts = assign(whole, attackable=attackable, settings=settings)
    check(parts, images=whole, hashes=hashes(whole), attackable=attackable, k=1)
    check_equal(parts, images=whole, attackable=attackable)
    assert parts.join(images, on="image_id", how="semi").equals(without)
    nameless = parts.filter(pl.col("image_id") >= images.height)
    each = count * asked["per_class"] * len(sizes) // sum(boxed for boxed, _ in sizes)
    assert sorted(nameless["part"]) == ["A"] * each + ["B"] * each


def test_images_without_a_label_in_x_or_attacked_are_refused() -> None:
    images, attackable = catalogue([(12, 0)])
    whole = with_unlabelled(images, 2)
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x", per_class=2))
    public = pl.concat([parts, pl.DataFrame({"image_id": [12], "part": ["X"]})])
    for wrong, attacked in ((public, attackable), (parts, attackable | {13})):
        with pytest.raises(ContentError, match="without a label"):
            check(wrong, images=whole, hashes=None, attackable=attacked, k=1)


def test_only_ids_and_seed_decide() -> None:
    images, attackable = catalogue([(30, 10), (25, 5)])
    settings = AuditSettings(source="x", per_class=4, external=3, shared=2, validation=2)
    first = assign(images, attackable=attackable, settings=settings)
    turned = assign(images.reverse(), attackable=sorted(attackable, reverse=True), settings=settings)
    assert first.equals(turned)
    moved = assign(images, attackable=attackable, settings=settings.model_copy(update={"source": "y", "k": 3}))
    assert first.equals(moved)
    reseeded = assign(images, attackable=attackable, settings=settings.model_copy(update={"seed": 1}))
    assert not first.equals(reseeded)
    assert first["part"].value_counts(sort=True).rows() == reseeded["part"].value_counts(sort=True).rows()


def test_another_class_changes_nothing_in_the_first() -> None:
    one, first_attackable = catalogue([(30, 10)])
    two, both_attackable = catalogue([(30, 10), (25, 0)])
    settings = AuditSettings(source="x", per_class=4, external=3)
    alone = assign(one, attackable=first_attackable, settings=settings)
    beside = assign(two, attackable=both_attackable, settings=settings)
    assert alone.equals(beside.head(alone.height))


def test_every_image_has_a_chance_of_every_part() -> None:
    images, attackable = catalogue([(10, 0)])
    seen: dict[int, set[str]] = {image_id: set() for image_id in range(10)}
    for seed in range(60):
        settings = AuditSettings(source="x", per_class=2, external=2, shared=1, validation=1, seed=seed)
        for image_id, part in assign(images, attackable=attackable, settings=settings).rows():
            seen[image_id].add(part)
    assert all(parts == {"A", "B", "E", "shared", "V", "X"} for parts in seen.values())


def test_a_fifth_of_the_smallest_class_by_default() -> None:
    images, attackable = catalogue([(50, 0), (23, 40)])
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x"))
    count = counted(images, parts, attackable)
    assert [count[part, name, True] for part in "AB" for name in ("c0", "c1")] == [4, 4, 4, 4]
    assert [count[part, "c1", False] for part in "AB"] == [40 * 4 // 23] * 2


@pytest.mark.parametrize(
    ("sizes", "asked", "said"),
    [
        ([(30, 0), (5, 50)], {"per_class": 3}, "class 'c1' has 5 images that can be attacked, .* need 6"),
        ([(10, 0)], {"per_class": 4, "external": 3}, "class 'c0' has 10 images"),
        ([(4, 0)], {}, None),
        ([(1, 9)], {}, "class 'c0' has 1 images that can be attacked, but A, B and E need 2"),
        ([(0, 9)], {}, "class 'c0' has 0 images"),
        ([(10, 0)], {"per_class": 5}, "0 images left for the parts shared, V and X, which need 1"),
        ([(10, 0)], {"per_class": 3, "shared": 2, "validation": 2}, "4 images left .* need 5"),
    ],
)
def test_a_class_with_too_few_images_is_named(sizes: Sizes, asked: dict[str, int], said: str | None) -> None:
    images, attackable = catalogue(sizes)
    settings = AuditSettings(source="x", **asked)
    if said is None:
        assert assign(images, attackable=attackable, settings=settings).height == images.height
        return
    with pytest.raises(RequestError, match=said) as caught:
        assign(images, attackable=attackable, settings=settings)
    assert caught.value.exit_code == 2


def test_k_larger_than_the_public_set_is_refused() -> None:
    images, attackable = catalogue([(12, 0)])
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x", per_class=2))
    check(parts, images=images, hashes=hashes(images), attackable=attackable, k=8)
    with pytest.raises(RequestError, match="k = 9 is larger than the public set X of 8 images"):
        check(parts, images=images, hashes=hashes(images), attackable=attackable, k=9)


def swap_part(old: str, new: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def change(parts: pl.DataFrame) -> pl.DataFrame:
        first = parts.filter(pl.col("part") == old)["image_id"][0]
        moved = pl.when(pl.col("image_id") == first).then(pl.lit(new)).otherwise("part").alias("part")
        return parts.with_columns(moved)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swap_part("A", "X"), "A and B differ"),
        (swap_part("X", "B"), "A and B differ"),
        (lambda parts: parts.filter(pl.col("part") == "X"), "A and B differ"),
        (lambda parts: pl.concat([parts, parts.head(1)]), "stands twice"),
    ],
)
def test_broken_parts_are_refused(change: Callable[[pl.DataFrame], pl.DataFrame], said: str) -> None:
    images, attackable = catalogue([(12, 6), (14, 0)])
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x", per_class=2))
    with pytest.raises(ContentError, match=said):
        check_equal(change(parts), images=images, attackable=attackable)
        check(change(parts), images=images, hashes=hashes(images), attackable=attackable, k=1)


def test_the_same_content_in_two_parts_is_refused() -> None:
    images, attackable = catalogue([(12, 0)])
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x", per_class=2))
    copied = pl.when(pl.col("image_id").is_in([3, 7])).then(pl.lit(b"s")).otherwise("sha256")
    same = hashes(images).with_columns(sha256=copied)
    with pytest.raises(ContentError, match="images 3 and 7 have the same content"):
        check(parts, images=images, hashes=same, attackable=attackable, k=1)


def test_an_external_image_that_cannot_be_attacked_is_refused() -> None:
    images, attackable = catalogue([(12, 6)])
    parts = assign(images, attackable=attackable, settings=AuditSettings(source="x", per_class=2))
    other = next(i for i in range(12, 18) if parts["part"][i] == "X")
    wrong = PARTS.check(
        parts.with_columns(part=pl.when(pl.col("image_id") == other).then(pl.lit("E")).otherwise("part"))
    )
    with pytest.raises(ContentError, match="E holds"):
        check(wrong, images=images, hashes=hashes(images), attackable=attackable, k=1)
