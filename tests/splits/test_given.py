"""Parts that images come with."""

from collections.abc import Collection

import polars as pl
import pytest

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.splits.given import given_parts
from dejavu_tui.tables import IMAGES

PLAIN = AuditSettings(source="x")


def given(*parts: str | None) -> pl.DataFrame:
    return pl.DataFrame({"image_id": range(len(parts)), "part": parts}, {"image_id": pl.Int64, "part": pl.String})


def images(count: int, *, unlabelled: tuple[int, ...] = ()) -> pl.DataFrame:
    labels = [None if n in unlabelled else 0 for n in range(count)]
    names = [None if label is None else "c" for label in labels]
    rows = [(n, f"{n}.png", labels[n], names[n], 8, 8) for n in range(count)]
    return pl.DataFrame(rows, IMAGES.schema, orient="row")


def placed(
    parts: pl.DataFrame, *, attackable: Collection[int], settings: AuditSettings, unlabelled: tuple[int, ...] = ()
) -> pl.DataFrame:
    known = images(parts.height, unlabelled=unlabelled)
    return given_parts(parts, images=known, attackable=attackable, settings=settings)


def test_each_image_goes_where_it_says_and_others_nowhere() -> None:
    parts = placed(given("X", "A", None, "B", "shared", "V", "E"), attackable={1, 3, 6}, settings=PLAIN)
    assert parts.rows() == [(0, "X"), (1, "A"), (3, "B"), (4, "shared"), (5, "V"), (6, "E")]


def test_an_external_image_that_cannot_be_attacked_is_in_no_part() -> None:
    parts = placed(given("X", "A", "B", "E", "E"), attackable={1, 2, 4}, settings=PLAIN)
    assert parts["image_id"].to_list() == [0, 1, 2, 4]


@pytest.mark.parametrize("empty", ["A", "B", "X"])
def test_a_part_that_is_needed_and_empty_is_refused(empty: str) -> None:
    parts = [part for part in ("A", "B", "X", "V") if part != empty]
    with pytest.raises(RequestError, match=f"part {empty}"):
        placed(given(*parts), attackable=(), settings=PLAIN)


@pytest.mark.parametrize(
    "asked", [{"per_class": 3}, {"shared": 1}, {"external": 1}, {"validation": 1}, {"balance_public": True}]
)
def test_settings_that_ask_for_other_parts_are_refused(asked: dict[str, int]) -> None:
    option = "--" + next(iter(asked)).replace("_", "-")
    with pytest.raises(RequestError, match=f"come with their parts, and {option} asks"):
        placed(given("A", "B", "X"), attackable=(), settings=PLAIN.model_copy(update=asked))


def test_settings_that_ask_for_none_are_allowed() -> None:
    settings = PLAIN.model_copy(update={"k": 1, "seed": 7, "sizes": (2,), "crop": "given", "min_side": 3})
    assert placed(given("A", "B", "X"), attackable=(0, 1), settings=settings).height == 3


def test_images_without_a_label_may_be_trained_on() -> None:
    asked = given("A", "B", "shared", "X", "E", None, "A", "B")
    parts = placed(asked, attackable=(6, 7), settings=PLAIN, unlabelled=(0, 1, 2, 4, 5))
    assert parts["part"].to_list() == ["A", "B", "shared", "X", "A", "B"]


@pytest.mark.parametrize(("attackable", "part"), [((), "A"), ((1,), "A"), ((0, 2), "B")])
def test_parts_in_which_nothing_can_be_attacked_are_refused(attackable: tuple[int, ...], part: str) -> None:
    with pytest.raises(RequestError, match=f"no image of part {part} can be attacked"):
        placed(given("A", "B", "X"), attackable=attackable, settings=PLAIN)


@pytest.mark.parametrize("part", ["X", "V"])
def test_images_without_a_label_in_x_or_v_are_refused_and_listed(part: str) -> None:
    said = f"3.png: has no label, which images of {part} need .and 1 more"
    with pytest.raises(AnnotationError, match=said) as caught:
        placed(given("A", "B", "X", part, part), attackable=(), settings=PLAIN, unlabelled=(3, 4))
    assert len(caught.value.listed) == 2
