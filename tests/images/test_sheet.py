from io import BytesIO

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dejavu_tui.images.boxes import Box
from dejavu_tui.images.sheet import COLUMNS, SIDE, Cell, fitted, page

ORANGE = (0xD9, 0x5F, 0x02)
BLUE = (0x0B, 0x60, 0xB0)


def sheet(*cells: Cell, heading: tuple[str, ...] = ()) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(page(cells, heading=heading))))


def extent(pixels: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of all pixels of `colour`."""
    y, x = np.nonzero((pixels == colour).all(axis=2))
    return int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1


def test_box_and_crop_are_drawn_to_scale_on_a_picture_of_its_shape() -> None:
    grey = Image.new("RGB", (64, 32), (90, 90, 90))
    pixels = sheet(Cell(fitted(grey), grey.size, (Box(32, 0, 64, 16),), Box(0, 16, 64, 32), ("text",)))
    left, top, right, bottom = extent(pixels, (90, 90, 90))
    scale = SIDE // 64
    x0, y0, x1, y1 = extent(pixels, ORANGE)
    assert (x1 - x0, y1 - y0) == (32 * scale, 16 * scale)
    cx0, cy0, cx1, cy1 = extent(pixels, BLUE)
    assert (cx0, cx1 - cx0, cy1 - cy0) == (x1 - SIDE, SIDE, 16 * scale)
    assert (y1, x1) == (cy0, cx1)
    assert left >= x1 - SIDE
    assert right <= x1
    assert y0 <= top < bottom <= cy1


def test_what_is_small_in_a_large_picture_is_drawn_as_a_point() -> None:
    for size, box in (((4000, 3000), Box(100, 100, 103, 103)), ((5000, 2), Box(0, 0, 1, 1))):
        pixels = sheet(Cell(fitted(Image.new("RGB", size)), size, (box,), Box(2000, 1, 2001, 2), ()))
        x0, y0, x1, y1 = extent(pixels, ORANGE)
        assert max(x1 - x0, y1 - y0) <= 4  # its line is 2 wide


def test_a_picture_that_cannot_be_read_keeps_its_place() -> None:
    white = Image.new("RGB", (8, 8), (1, 2, 3))
    cells = [Cell(fitted(white), (8, 8), (), None, ("a",)) for _ in range(COLUMNS + 1)]
    cells[1] = Cell(None, (8, 8), (), None, ("b",))
    pixels = sheet(*cells)
    assert int((pixels == (1, 2, 3)).all(axis=2).sum()) == COLUMNS * SIDE * SIDE


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300), st.integers(1, 300), st.integers(1, 300))
def test_any_text_and_any_shape_give_a_sheet_of_one_width(text: str, width: int, height: int) -> None:
    picture = Image.new("RGB", (width, height), "grey")
    crop = Box(0, 0, width, max(1, height // 2))
    pixels = sheet(Cell(fitted(picture), picture.size, (), crop, (text, "x" * 500)), heading=(text,))
    assert pixels.shape[1] == sheet().shape[1]


def test_text_is_made_safe_before_it_is_drawn() -> None:
    assert (sheet(heading=("a\x1b\u202eb",)) == sheet(heading=("a\\x1b\\u202eb",))).all()
