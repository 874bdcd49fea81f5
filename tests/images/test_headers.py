"""Headers and ends of image files: what is refused without decoding."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.errors import ImageError
from dejavu_tui.images.headers import read_header
from dejavu_tui.images.inspecting import inspect
from dejavu_tui.images.pixels import decode
from tests.data.folders import voc

HOW: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 90},
    "JPEG progressive": {"quality": 60, "progressive": True},
    "JPEG with a thumbnail": {"quality": 90, "exif": b"Exif\0\0" + b"\xff\xd8\xff\xda thumbnail \xff\xd9"},
    "PNG": {},
    "WEBP": {"quality": 80},
    "WEBP lossless": {"lossless": True},
    "BMP": {},
    "PPM": {},
}


def encoded(how: str, *, width: int = 61, height: int = 47, mode: str = "RGB") -> bytes:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)).convert(mode)
    file = io.BytesIO()
    picture.save(file, how.split()[0], **HOW[how])
    return file.getvalue()


@pytest.mark.parametrize("how", HOW)
def test_the_size_is_that_of_the_decoded_image(how: str) -> None:
    data = encoded(how)
    assert read_header(data, where="a") == decode(data, where="a").size == (61, 47)


@pytest.mark.parametrize("how", HOW)
def test_every_cut_is_refused_as_decoding_refuses_it_or_sooner(how: str) -> None:
    """Pillow accepts a file whose last bytes are missing where it needs none of them."""
    data = encoded(how)
    for percent in range(100):
        with pytest.raises(ImageError) as caught:
            read_header(data[: len(data) * percent // 100], where="a.jpg")
        assert str(caught.value).startswith("a.jpg: ")
        assert caught.value.exit_code == 3


@pytest.mark.parametrize("how", HOW)
def test_what_follows_the_end_of_a_file_does_not_matter(how: str) -> None:
    assert read_header(encoded(how) + b"\0" * 10, where="a") == (61, 47)


def test_a_bomb_is_refused_by_its_header() -> None:
    header = b"BM" + bytes(8) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    header += (20_000).to_bytes(4, "little") * 2 + b"\1\0\x18\0" + bytes(24)
    with pytest.raises(ImageError, match="64 million pixels"):
        read_header(header, where="a")
    with pytest.raises(ImageError, match="is no JPEG, PNG, WebP, BMP or PPM image"):
        read_header(b"GIF89a" + bytes(20), where="a")
    with pytest.raises(ImageError, match="empty"):
        read_header(b"", where="a")


def test_damage_within_is_found_in_pixels_only(tmp_path: Path) -> None:
    data = bytearray(encoded("PNG"))
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert inspect(path, None, pixels=False).width == 61
    bad = inspect(path, None, pixels=True)
    assert (bad.error, bad.width, bad.sha256, bad.where) == ("ImageError", None, None, str(path))


def test_what_an_image_and_its_annotation_hold(tmp_path: Path) -> None:
    path, xml = tmp_path / "a.jpg", tmp_path / "a.xml"
    path.write_bytes(encoded("JPEG"))
    xml.write_text(voc((1, 2, 3, 4), (0, 0, 9, 9), width=61, height=47))
    for pixels in (True, False):
        got = inspect(path, xml, pixels=pixels)
        assert (got.width, got.height, got.annotated_width, got.annotated_height) == (61, 47, 61, 47)
        assert got.boxes == [(0, 0, 9, 9), (1, 2, 3, 4)]
        assert got.error is None
    xml.write_text("<annotation>")
    bad = inspect(path, xml, pixels=False)
    assert (bad.error, bad.boxes) == ("AnnotationError", [])
