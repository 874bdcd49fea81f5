from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.config import AuditSettings, Corner
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
    assert largest_crop(boxes, width=width, height=height, min_side=1) == expected


@given(scene=scenes(), scale=st.integers(2, 40))
def test_largest_scales_with_the_image(scene: tuple[int, int, list[Box]], scale: int) -> None:
    width, height, boxes = scene
    small = largest_crop(boxes, width=width, height=height, min_side=1)
    scaled = [Box(b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale) for b in boxes]
    large = largest_crop(scaled, width=width * scale, height=height * scale, min_side=1)
    assert large == (small and Box(small.x0 * scale, small.y0 * scale, small.x1 * scale, small.y1 * scale))


@given(scene=scenes(), data=st.data())
def test_order_and_repeats_of_boxes_do_not_matter(scene: tuple[int, int, list[Box]], data: st.DataObject) -> None:
    width, height, boxes = scene
    other = data.draw(st.permutations([*boxes, *boxes]))
    for rule in (largest_crop, stripes_crop):
        expected = rule(boxes, width=width, height=height, min_side=1)
        assert rule(other, width=width, height=height, min_side=1) == expected


def test_largest_of_crowded_images_is_fast() -> None:
    boxes = [Box(7 * i % 493, 11 * i % 487, 7 * i % 493 + 5, 11 * i % 487 + 5) for i in range(1000)]
    crop = largest_crop(boxes, width=500, height=500, min_side=1)
    assert crop is not None
    assert not any(crop.overlaps(box) for box in boxes)


def test_least_side_is_a_fifth_of_the_shorter_side() -> None:
    assert largest_crop([Box(0, 0, 100, 40)], width=100, height=50, min_side=None) == Box(0, 40, 100, 50)
    assert largest_crop([Box(0, 0, 100, 41)], width=100, height=50, min_side=None) is None
    assert largest_crop([Box(0, 0, 100, 41)], width=100, height=50, min_side=9) == Box(0, 41, 100, 50)
    assert largest_crop([Box(0, 0, 100, 41)], width=100, height=50, min_side=10) is None
    assert largest_crop([Box(0, 0, 100, 50)], width=100, height=50, min_side=1) is None


@given(scene=scenes(), least=st.integers(1, 4))
def test_stripes_by_counting_free_rows(scene: tuple[int, int, list[Box]], least: int) -> None:
    width, height, boxes = scene
    edges = sorted({0, width} | {box.x0 for box in boxes} | {box.x1 for box in boxes})
    free = [
        crop for crop in every_empty_rectangle(width, height, boxes) if (crop.x0, crop.x1) in set(pairwise(edges))
    ]
    best = min(free, key=order, default=None)
    expected = best if best is not None and min(best.width, best.height) > least else None
    assert stripes_crop(boxes, width=width, height=height, min_side=least) == expected


def test_stripes_are_strictly_more_than_the_least_side() -> None:
    assert stripes_crop([Box(101, 0, 300, 300)], width=300, height=300, min_side=100) == Box(0, 0, 101, 300)
    assert stripes_crop([Box(100, 0, 300, 300)], width=300, height=300, min_side=100) is None


def test_stripes_do_not_cross_an_edge_where_largest_does() -> None:
    boxes = [Box(0, 0, 150, 100), Box(150, 0, 300, 100)]
    assert largest_crop(boxes, width=300, height=300, min_side=1) == Box(0, 100, 300, 300)
    assert stripes_crop(boxes, width=300, height=300, min_side=100) == Box(0, 100, 150, 300)


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
