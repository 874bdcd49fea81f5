"""The frame of a crop never leaves its picture, and comes back where it came from."""

from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.pixels.cropframe import CropFrame, corners, whole
from dejavu_tui.images.boxes import Box

SIDES = st.integers(1, 5000)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3), st.integers(-3, 3)), max_size=30)


@given(SIDES, SIDES, STEPS)
def test_it_stays_inside_and_is_never_empty(width: int, height: int, steps: list[tuple[bool, int, int]]) -> None:
    frame = whole(width, height)
    for moving, across, down in steps:
        frame = frame.moved(across, down) if moving else frame.resized(across, down)
        assert 0 <= frame.box.x0 < frame.box.x1 <= width
        assert 0 <= frame.box.y0 < frame.box.y1 <= height


@given(SIDES, SIDES, st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(-9000, 9000))
def test_any_box_is_cut_to_the_picture(width: int, height: int, x: int, y: int, size: int) -> None:
    box = whole(width, height).put(Box(x, y, x + size, y + size)).box
    assert 0 <= box.x0 < box.x1 <= width
    assert 0 <= box.y0 < box.y1 <= height


def test_moving_keeps_the_size_and_stops_at_the_edges() -> None:
    frame = CropFrame(160, 80, Box(20, 20, 60, 40))
    assert frame.moved(1, 0).box == Box(30, 20, 70, 40)
    assert frame.moved(0, -2).box == Box(20, 10, 60, 30)
    assert frame.moved(-9, 9).box == Box(0, 60, 40, 80)
    assert frame.moved(1, 1).moved(-1, -1) == frame


def test_resizing_goes_right_and_down_and_at_the_edge_back() -> None:
    frame = CropFrame(160, 80, Box(20, 20, 60, 40))
    assert frame.resized(1, 0).box == Box(20, 20, 70, 40)
    assert frame.resized(0, -1).box == Box(20, 20, 60, 35)
    assert CropFrame(160, 80, Box(120, 20, 160, 40)).resized(1, 0).box == Box(110, 20, 160, 40)
    assert frame.resized(-99, -99).box == Box(20, 20, 30, 25)
    assert frame.resized(99, 99) == whole(160, 80)


def test_the_whole_picture_becomes_the_half_that_it_is_moved_to() -> None:
    assert whole(161, 80).moved(-1, 0).box == Box(0, 0, 80, 80)
    assert whole(161, 80).moved(1, 0).box == Box(80, 0, 161, 80)
    assert whole(160, 80).moved(0, 1).box == Box(0, 40, 160, 80)
    assert whole(1, 1).moved(1, 1) == whole(1, 1)
    assert whole(160, 80).named is None
    assert whole(160, 80).moved(1, 0).named == Box(80, 0, 160, 80)


@given(SIDES, SIDES)
def test_corners_and_middle_lie_inside(width: int, height: int) -> None:
    frame = whole(width, height)
    for _, box in corners(width, height):
        assert frame.put(box).box == box
