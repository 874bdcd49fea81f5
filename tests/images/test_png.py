"""PNG files without Pillow: the pixels that Pillow gives, or none."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from dejavu_tui.images.pixels import decode
from dejavu_tui.images.png import MOST_PIXELS, plain_png

SCANLINE_FILTERS = 5


def pixels(width: int, height: int, *, levels: int = 256) -> NDArray[np.uint8]:
    return np.random.default_rng(width * 100 + height).integers(0, levels, (height, width, 3), dtype=np.uint8)


def saved(array: NDArray[np.uint8], *, mode: str = "RGB", **how: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).convert(mode).save(file, "PNG", **how)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def written(width: int, height: int, *, lines: bytes, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """A PNG of 8-bit RGB pixels from filtered scan lines."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlaced)
    data = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def by_pillow(data: bytes) -> NDArray[np.uint8] | None:
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        image.load()
    except Exception:  # Pillow fails in many ways
        return None
    return np.asarray(image.convert("RGB"))


@settings(deadline=None)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    levels=st.sampled_from([1, 4, 256]),
    compress=st.integers(0, 9),
    optimize=st.booleans(),
)
def test_a_plain_png_gives_its_pixels(width: int, height: int, levels: int, compress: int, optimize: bool) -> None:
    array = pixels(width, height, levels=levels)
    picture = plain_png(saved(array, compress_level=compress, optimize=optimize))
    assert picture is not None
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture), array)


@pytest.mark.parametrize("filtered", range(SCANLINE_FILTERS))
def test_every_filter_of_a_line_is_undone(filtered: int) -> None:
    rng = np.random.default_rng(filtered)
    lines = b"".join(bytes([filtered]) + rng.bytes(9 * 3) for _ in range(6))
    data = written(9, 6, lines=lines)
    picture = plain_png(data)
    assert picture is not None
    expected = by_pillow(data)
    assert expected is not None
    assert np.array_equal(np.asarray(picture), expected)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"gAMA", struct.pack(">I", 20_000)),
        chunk(b"sRGB", b"\0"),
        chunk(b"cHRM", struct.pack(">8I", *[30_000] * 8)),
        chunk(b"tRNS", struct.pack(">3H", 1, 2, 3)),
        chunk(b"bKGD", struct.pack(">3H", 1, 2, 3)),
        chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        chunk(b"tEXt", b"Comment\0a word"),
    ],
    ids=lambda extra: extra[4:8].decode(),
)
def test_colour_tables_and_notes_change_no_pixel(extra: bytes) -> None:
    array = pixels(7, 5)
    lines = b"".join(b"\0" + row.tobytes() for row in array)
    assert np.array_equal(np.asarray(decode(written(7, 5, lines=lines, extra=extra), where="a.png")), array)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "I;16"])
def test_other_pixels_are_left_to_pillow(mode: str) -> None:
    assert plain_png(saved(pixels(6, 4), mode=mode)) is None


def test_an_interlaced_one_is_left_to_pillow() -> None:
    assert plain_png(written(1, 1, lines=b"\0abc", interlaced=True)) is None


def test_an_animation_gives_the_picture_that_pillow_gives() -> None:
    frames = [Image.fromarray(pixels(8, 8) // part) for part in (1, 2, 3)]
    for default in (False, True):
        file = io.BytesIO()
        frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], default_image=default)
        assert PngImagePlugin.PngImageFile(io.BytesIO(file.getvalue())).is_animated
        expected = by_pillow(file.getvalue())
        assert expected is not None
        assert np.array_equal(np.asarray(decode(file.getvalue(), where="a.png")), expected)


def test_a_damaged_file_is_read_as_pillow_reads_it_or_not_at_all() -> None:
    rng = np.random.default_rng(0)
    data = saved(pixels(12, 12, levels=8))
    damaged = [data[:end] for end in range(len(data))]
    for place in rng.integers(0, len(data) * 8, 2000):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        damaged.append(bytes(flipped))
    read = 0
    for one in damaged:
        picture, expected = plain_png(one), by_pillow(one)
        if picture is not None and expected is not None:
            read += 1
            assert np.array_equal(np.asarray(picture), expected)
    assert read, "no damage is harmless: nothing was compared"


def test_a_large_one_is_left_to_pillow() -> None:
    side = int(MOST_PIXELS**0.5)
    assert plain_png(saved(pixels(side, side, levels=1))) is not None
    assert plain_png(saved(pixels(side, side + 1, levels=1))) is None


def test_a_header_that_lies_gives_nothing() -> None:
    for width, height in ((0, 5), (5, 0), (8000, 8000), (0xFFFFFFFF, 0xFFFFFFFF)):
        assert plain_png(written(width, height, lines=b"\0" * 10)) is None
