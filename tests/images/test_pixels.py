import io
import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from dejavu_tui.errors import ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import look, normalise, open_picture, preprocess


def noise(width: int, height: int, *, seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def encoded(picture: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A well-formed start of a 1-bit PNG of that size, with hardly any data."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@settings(deadline=None, max_examples=60)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    size=st.integers(2, 64),
    corners=st.none() | st.tuples(*[st.floats(0, 1)] * 4),
)
def test_preprocess_is_torchvision_bit_for_bit(
    width: int, height: int, size: int, corners: tuple[float, float, float, float] | None
) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    picture = noise(width, height, seed=width * 100 + height)
    crop = None
    shown = picture
    if corners is not None:
        x0, y0 = int(corners[0] * (width - 1)), int(corners[1] * (height - 1))
        x1, y1 = x0 + 1 + int(corners[2] * (width - x0 - 1)), y0 + 1 + int(corners[3] * (height - y0 - 1))
        crop = Box(x0, y0, x1, y1)
        shown = picture.crop((crop.x0, crop.y0, crop.x1, crop.y1))
    bilinear = transforms.InterpolationMode.BILINEAR
    expected = transforms.Compose(
        [transforms.Resize(round(size * 256 / 224), bilinear, antialias=True), transforms.CenterCrop(size)]
    )(shown)
    got = preprocess(picture, crop=crop, size=size)
    assert got.shape == (size, size, 3)
    assert got.dtype == np.uint8
    assert np.array_equal(got, np.asarray(expected))


def test_normalise_is_torchvision_bit_for_bit() -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    pixels = np.stack([np.asarray(noise(9, 9, seed=seed)) for seed in range(3)])
    reference = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    got = normalise(pixels, mean=mean, std=std)
    assert got.shape == (3, 3, 9, 9)
    assert got.dtype == np.float32
    for row, image in zip(got, pixels, strict=True):
        assert np.array_equal(row, reference(Image.fromarray(image)).numpy())


@pytest.mark.parametrize(("form", "suffix"), [("JPEG", ".jpg"), ("PNG", ".jpg"), ("WEBP", ".x"), ("BMP", ".gif")])
def test_the_content_decides_not_the_ending(tmp_path: Path, form: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    data = encoded(noise(7, 5), form)
    path.write_bytes(data)
    picture = open_picture(path)
    assert (picture.mode, picture.size) == ("RGB", (7, 5))
    assert np.array_equal(np.asarray(picture), np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def test_every_pixel_mode_becomes_rgb(tmp_path: Path) -> None:
    for mode in ("1", "L", "LA", "P", "RGBA"):
        noise(6, 6).convert(mode).save(tmp_path / "a.png")
        assert open_picture(tmp_path / "a.png").mode == "RGB"
    noise(6, 6).convert("CMYK").save(tmp_path / "a.jpg")
    assert open_picture(tmp_path / "a.jpg").mode == "RGB"
    grey = (np.arange(36, dtype=np.uint16).reshape(6, 6) * 1800).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    assert np.array_equal(np.asarray(open_picture(tmp_path / "deep.png"))[..., 0], grey >> 8)


def test_exif_orientation_is_not_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    noise(8, 4).save(tmp_path / "a.jpg", exif=exif)
    assert open_picture(tmp_path / "a.jpg").size == (8, 4)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = noise(5, 5), noise(5, 5, seed=1)
    first.save(tmp_path / "a.png", save_all=True, append_images=[second])
    assert np.array_equal(np.asarray(open_picture(tmp_path / "a.png")), np.asarray(first))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is an empty file"),
        (b"hello, I am no image", "is no JPEG"),
        (encoded(noise(8, 8), "GIF"), "is no JPEG"),
        (encoded(noise(8, 8), "TIFF"), "is no JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n", "is no JPEG"),
        (encoded(noise(64, 64), "JPEG")[:-400], "cannot be decoded"),
        (encoded(noise(64, 64), "PNG")[:-400], "cannot be decoded"),
        (png_header(9000, 8000), "more than 64 million pixels (72 million)"),
        (png_header(20_000, 20_000), "more than 64 million pixels"),
        (png_header(10_000, 9_000), "more than 64 million pixels"),
        (b"Pf\n2 2\n-1.0\n" + b"\0" * 16, "cannot be decoded"),
    ],
)
def test_a_bad_image_is_refused_by_name(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "bad\x1b[31m.jpg"
    path.write_bytes(data)
    started = time.perf_counter()
    with pytest.raises(ImageError) as caught:
        open_picture(path)
    assert time.perf_counter() - started < 1
    assert said in str(caught.value)
    assert "bad\\x1b[31m.jpg" in str(caught.value)
    assert caught.value.exit_code == 3


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    path = tmp_path / "a"
    for form in ("JPEG", "PNG", "WEBP"):
        whole = encoded(noise(48, 48), form)
        for share in range(0, 95, 5):
            path.write_bytes(whole[: len(whole) * share // 100])
            with pytest.raises(ImageError):
                open_picture(path)


@settings(max_examples=200, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4),
    form=st.sampled_from(["JPEG", "PNG", "WEBP"]),
)
def test_flipped_bits_give_an_image_or_an_image_error(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]], form: str
) -> None:
    data = bytearray(encoded(noise(12, 12), form))
    for place, bits in flips:
        data[place % len(data)] ^= bits
    path = tmp_path_factory.mktemp("flip") / "a"
    path.write_bytes(data)
    with suppress(ImageError):
        assert open_picture(path).mode == "RGB"


def test_pipes_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    for name in ("pipe.jpg", "folder.jpg", "loop.jpg", "gone.jpg"):
        with pytest.raises(ImageError, match=name):
            open_picture(tmp_path / name)


def test_a_very_long_strip_is_refused_before_it_is_resized() -> None:
    with pytest.raises(ImageError, match="too long"):
        preprocess(Image.new("RGB", (60_000, 1)), crop=None, size=224)


def test_a_file_is_looked_at_as_a_picture_is(tmp_path: Path) -> None:
    path = tmp_path / "1.png"
    noise(21, 30, seed=1).save(path)
    for crop in (None, Box(3, 1, 15, 17)):
        expected = preprocess(open_picture(path), crop=crop, size=8)
        assert np.array_equal(look(path.read_bytes(), where=path, crop=crop, size=8), expected)


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "1.png"
    noise(21, 30, seed=1).save(path)
    with pytest.raises(ImageError, match=r"1\.png: is smaller than at the split"):
        look(path.read_bytes(), where=path, crop=Box(0, 0, 22, 1), size=8)
    with pytest.raises(ImageError, match=r"1\.png: is an empty file"):
        look(b"", where=path, crop=None, size=8)
    Image.new("RGB", (60_000, 1)).save(path)
    with pytest.raises(ImageError, match=r"1\.png: .*too long"):
        look(path.read_bytes(), where=path, crop=None, size=224)
