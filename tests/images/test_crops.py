from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.config import AuditSettings, Corner, CropRule
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.crops import corner_crop, find_crop, largest_crop, stripes_crop

SIDES = st.integers(1, 9)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[int, int, list[Box]]:
    width, height = draw(SIDES), draw(SIDES)
    boxes = []
    for _ in range(draw(st.integers(0, 5))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        boxes.append(Box(x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))))
    return width, height, boxes


def every_empty_rectangle(width: int, height: int, boxes: list[Box]) -> Iterator[Box]:
    for x0 in range(width):
        for x1 in range(x0 + 1, width + 1):
            for y0 in range(height):
                for y1 in range(y0 + 1, height + 1):
                    crop = Box(x0, y0, x1, y1)
                    if not any(crop.overlaps(box) for box in boxes):
                        yield crop


def order(crop: Box) -> tuple[int, ...]:
    return -min(crop.width, crop.height), -crop.width * crop.height, crop.y0, crop.x0, crop.y1, crop.x1


@given(scene=scenes())
def test_largest_is_the_best_of_all_empty_rectangles(scene: tuple[int, int, list[Box]]) -> None:
    width, height, boxes = scene
    expected = min(every_empty_rectangle(width, height, boxes), key=order, default=None)
    assert largest_crop(boxes, width=width, height=height) == expected


@given(scene=scenes(), scale=st.integers(2, 40))
def test_largest_scales_with_the_image(scene: tuple[int, int, list[Box]], scale: int) -> None:
    width, height, boxes = scene
    small = largest_crop(boxes, width=width, height=height)
    scaled = [Box(b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale) for b in boxes]
    large = largest_crop(scaled, width=width * scale, height=height * scale)
    assert large == (small and Box(small.x0 * scale, small.y0 * scale, small.x1 * scale, small.y1 * scale))


@given(scene=scenes(), data=st.data())
def test_order_and_repeats_of_boxes_do_not_matter(scene: tuple[int, int, list[Box]], data: st.DataObject) -> None:
    width, height, boxes = scene
    other = data.draw(st.permutations([*boxes, *boxes]))
    for rule in (largest_crop, stripes_crop):
        expected = rule(boxes, width=width, height=height)
        assert rule(other, width=width, height=height) == expected


def test_largest_of_crowded_images_is_fast() -> None:
    boxes = [Box(7 * i % 493, 11 * i % 487, 7 * i % 493 + 5, 11 * i % 487 + 5) for i in range(1000)]
    crop = largest_crop(boxes, width=500, height=500)
    assert crop is not None
    assert not any(crop.overlaps(box) for box in boxes)


@pytest.mark.parametrize(
    ("rule", "min_side", "low", "enough"),
    [
        ("largest", None, 40, True),  # 10 rows of 50 are left, a fifth
        ("largest", None, 41, False),
        ("largest", 9, 41, True),
        ("largest", 10, 41, False),
        ("largest", "18%", 41, True),
        ("largest", "19%", 41, False),
        ("largest", 1, 50, False),
        ("stripes", 9, 41, False),
        ("stripes", 8, 41, True),
        ("stripes", "18%", 41, False),
        ("stripes", "17%", 41, True),
    ],
)
def test_the_least_side(rule: CropRule, min_side: int | str | None, low: int, enough: bool) -> None:
    settings = AuditSettings(source="x", crop=rule, min_side=min_side)
    found = find_crop(settings, [Box(0, 0, 100, low)], width=100, height=50)
    assert found == (Box(0, low, 100, 50) if enough else "crop too small")


@given(share=st.integers(1, 99), side=st.integers(1, 400))
def test_a_share_is_not_rounded(share: int, side: int) -> None:
    least = next(pixels for pixels in range(side + 1) if Fraction(pixels, side) >= Fraction(share, 100))
    settings = AuditSettings(source="x", min_side=f"{share}%")
    for crop in (least - 1, least):
        got = find_crop(settings, [Box(0, 0, side, side - crop)], width=side, height=side)
        assert (got == "crop too small") == (crop < max(least, 1))


@given(scene=scenes())
def test_stripes_by_counting_free_rows(scene: tuple[int, int, list[Box]]) -> None:
    width, height, boxes = scene
    edges = sorted({0, width} | {box.x0 for box in boxes} | {box.x1 for box in boxes})
    free = [
        crop for crop in every_empty_rectangle(width, height, boxes) if (crop.x0, crop.x1) in set(pairwise(edges))
    ]
    expected = min(free, key=order, default=None)
    assert stripes_crop(boxes, width=width, height=height) == expected


def test_stripes_are_strictly_more_than_the_least_side() -> None:
    stripes = AuditSettings(source="x", crop="stripes")
    assert find_crop(stripes, [Box(101, 0, 300, 300)], width=300, height=300) == Box(0, 0, 101, 300)
    assert find_crop(stripes, [Box(100, 0, 300, 300)], width=300, height=300) == "crop too small"


def test_stripes_do_not_cross_an_edge_where_largest_does() -> None:
    boxes = [Box(0, 0, 150, 100), Box(150, 0, 300, 100)]
    assert largest_crop(boxes, width=300, height=300) == Box(0, 100, 300, 300)
    assert stripes_crop(boxes, width=300, height=300) == Box(0, 100, 150, 300)


@pytest.mark.parametrize(
    ("corner", "expected"),
    [
        ("lower-left", Box(0, 14, 12, 20)),
        ("lower-right", Box(28, 14, 40, 20)),
        ("upper-left", Box(0, 0, 12, 6)),
        ("upper-right", Box(28, 0, 40, 6)),
    ],
)
def test_corner_keeps_a_fraction_of_each_side(corner: Corner, expected: Box) -> None:
    assert corner_crop(width=40, height=20, corner=corner, fraction=0.3) == expected
    assert corner_crop(width=40, height=20, corner=corner, fraction=1) == Box(0, 0, 40, 20)
    tiny = corner_crop(width=1, height=1, corner=corner, fraction=0.01)
    assert tiny == Box(0, 0, 1, 1)


def test_find_crop_follows_the_settings() -> None:
    half = [Box(0, 0, 150, 300)]
    largest = AuditSettings(source="x")
    stripes = AuditSettings(source="x", crop="stripes")
    corner = AuditSettings(source="x", crop="corner")
    assert find_crop(largest, half, width=300, height=300) == Box(150, 0, 300, 300)
    assert find_crop(stripes, half, width=300, height=300) == Box(150, 0, 300, 300)
    assert find_crop(corner, half, width=300, height=300) == Box(0, 210, 90, 300)
    assert find_crop(corner, [], width=300, height=300) == Box(0, 210, 90, 300)
    for settings in (largest, stripes):
        assert find_crop(settings, [], width=300, height=300) == "no boxes"
        assert find_crop(settings, [Box(0, 0, 299, 300)], width=300, height=300) == "crop too small"
    assert find_crop(corner.model_copy(update={"min_side": 91}), [], width=300, height=300) == "crop too small"
    for least, expected in ((149, Box(150, 0, 300, 300)), (150, "crop too small")):
        settings = stripes.model_copy(update={"min_side": least})
        assert find_crop(settings, half, width=300, height=300) == expected
