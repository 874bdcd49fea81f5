import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich._palettes import EIGHT_BIT_PALETTE
from rich.color import Color, ColorSystem

from dejavu_tui.app.pixels.raster import CROP_COLOUR, Mark, draw, fit, half_cells, scale, to_256_colours

SIDES = st.integers(1, 400)


@given(SIDES, SIDES, SIDES, SIDES)
def test_fit_stays_inside_and_touches_or_is_a_whole_factor(w: int, h: int, room_w: int, room_h: int) -> None:
    width, height = fit(w, h, into=(room_w, room_h))
    assert 1 <= width <= room_w
    assert 1 <= height <= room_h
    if w <= room_w and h <= room_h:
        assert width % w == 0
        assert width // w == height // h
        assert width + w > room_w or height + h > room_h
    else:
        assert width == room_w or height == room_h


def test_small_images_grow_to_sharp_squares() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    grown = np.asarray(scale(Image.fromarray(pixels), into=(13, 15)))
    assert np.array_equal(grown, pixels.repeat(3, axis=0).repeat(3, axis=1))


def test_large_images_shrink_to_the_mean_of_each_area() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    small = np.asarray(scale(Image.fromarray(pixels), into=(6, 4)), dtype=float)
    means = pixels.reshape(4, 10, 6, 10, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_solid_outline_is_the_border_of_the_box_and_nothing_else(factor: int) -> None:
    original = Image.new("RGB", (20, 10))
    scaled = scale(original, into=(20 * factor, 10 * factor))
    drawn = np.asarray(draw(scaled, [Mark((2, 3, 9, 8), CROP_COLOUR, dashed=False)], original=(20, 10)))
    marked = (drawn == CROP_COLOUR).all(axis=2)
    expected = np.zeros_like(marked)
    expected[3 * factor : 8 * factor, 2 * factor : 9 * factor] = True
    expected[3 * factor + 1 : 8 * factor - 1, 2 * factor + 1 : 9 * factor - 1] = False
    assert np.array_equal(marked, expected)


def test_a_dashed_outline_has_gaps_and_lies_on_the_same_border() -> None:
    black = Image.new("RGB", (20, 20))
    solid, dashed = (
        np.asarray(draw(black, [Mark((1, 1, 18, 19), CROP_COLOUR, dashed=dashed)], original=(20, 20))).any(axis=2)
        for dashed in (False, True)
    )
    assert not (dashed & ~solid).any()
    assert 0.3 < dashed.sum() / solid.sum() < 0.7


@given(SIDES, SIDES, st.data())
def test_any_box_can_be_drawn_at_any_size(w: int, h: int, data: st.DataObject) -> None:
    x0, y0 = data.draw(st.integers(0, w - 1)), data.draw(st.integers(0, h - 1))
    x1, y1 = data.draw(st.integers(x0 + 1, w)), data.draw(st.integers(y0 + 1, h))
    small = Image.new("RGB", fit(w, h, into=(24, 24)))
    drawn = draw(small, [Mark((x0, y0, x1, y1), CROP_COLOUR, False)], original=(w, h))
    assert drawn.size == small.size
    assert (np.asarray(drawn) == CROP_COLOUR).all(axis=2).any()


@given(st.integers(1, 9), st.integers(1, 9))
def test_half_cells_carry_every_pixel(width: int, height: int) -> None:
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    lines = half_cells(pixels)
    assert len(lines) == (height + 1) // 2
    for y, line in enumerate(lines):
        assert "".join(segment.text for segment in line) == "▀" * width
        cells = [segment for segment in line for _ in segment.text]
        for x, segment in enumerate(cells):
            assert segment.style is not None
            assert segment.style.color is not None
            assert segment.style.color.triplet == tuple(pixels[2 * y, x])
            if 2 * y + 1 < height:
                assert segment.style.bgcolor is not None
                assert segment.style.bgcolor.triplet == tuple(pixels[2 * y + 1, x])
            else:
                assert segment.style.bgcolor is None


def test_256_colours_are_the_nearest_and_reach_the_terminal() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    reduced = np.asarray(to_256_colours(Image.fromarray(pixels)))
    palette = np.array([EIGHT_BIT_PALETTE[number] for number in range(16, 256)])
    distances = ((pixels[:, :, None].astype(int) - palette) ** 2).sum(axis=3)
    got = ((pixels.astype(int) - reduced) ** 2).sum(axis=2)
    assert (np.sqrt(got) <= np.sqrt(distances.min(axis=2)) + 12).all()
    for colour in {tuple(pixel) for pixel in reduced.reshape(-1, 3).tolist()}:
        arrived = Color.from_rgb(*colour).downgrade(ColorSystem.EIGHT_BIT)
        assert max(abs(a - b) for a, b in zip(arrived.get_truecolor(), colour, strict=True)) <= 10, "a step of grey"
