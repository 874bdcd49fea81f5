"""From an image file to the numbers an encoder sees: the one way to decode, crop, resize and normalise.

The EXIF orientation is not applied: annotations, and so boxes and crops, count in stored pixels.
"""

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dejavu_tui.errors import ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.files import read_regular, reason
from dejavu_tui.images.png import plain_png
from dejavu_tui.text import safe_text

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "PPM")
MAX_PIXELS = 64_000_000
MAX_BYTES = 512 << 20
_CACHED = 1 << 16
"""Pixels that are normalised at a time: their numbers stay in a core's cache."""
FIX = "repair or remove it"
"""What to do about an image that cannot be used."""

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def open_picture(path: Path) -> Image.Image:
    """Return the image at `path`, fully decoded, as RGB in stored orientation.

    Raises ImageError: see `decode`; also what is no regular file or holds more than 512 MiB.
    """
    return decode(read_image(path), where=path)


def read_image(path: Path | str) -> bytes:
    """Return the bytes of the image file at `path`. Raises ImageError: it cannot be read."""
    try:
        return read_regular(path, limit=MAX_BYTES)
    except OSError as error:
        raise ImageError(f"cannot be read ({reason(error)})", where=safe_text(str(path)), fix=FIX) from None


def decode(data: bytes, *, where: Path | str) -> Image.Image:
    """Return the image in `data`, fully decoded, as RGB. Of an animation the first frame; alpha is left out.

    Raises ImageError: empty, another format than JPEG, PNG, WebP, BMP or PPM, over 64 million pixels (seen in
    the header, before anything is decoded), truncated or damaged.
    """
    plain = plain_png(data)
    if plain is not None:
        return plain
    image = opened(data, where=where)
    try:
        image.load()
        return _rgb(image)
    except Exception as error:  # see opened
        raise _undecodable(error, where=where) from None


def opened(data: bytes, *, where: Path | str) -> Image.Image:
    """Return the image in `data` before its pixels are decoded.

    Raises ImageError: as `decode`, as far as the header shows it.
    """
    if not data:
        raise ImageError("is an empty file", where=safe_text(str(where)), fix=FIX)
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        what = "is no JPEG, PNG, WebP, BMP or PPM image"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        what = _too_large(None)
    except Exception as error:  # a decoder may fail in any way on bytes that are no image
        raise _undecodable(error, where=where) from None
    else:
        pixels = image.width * image.height
        if pixels <= MAX_PIXELS:
            return image
        what = _too_large(pixels)
    raise ImageError(what, where=safe_text(str(where)), fix=FIX) from None


def preprocess(picture: Image.Image, *, crop: Box | None, size: int) -> NDArray[np.uint8]:
    """Return `picture`, or its `crop`, as an encoder of input `size` sees it: (size, size, 3), 0..255.

    The shorter side goes to round(size * 256 / 224), bilinear with antialias, then the centre is cut out
    (METHOD section 3). The same bytes as torchvision's Resize and CenterCrop on a PIL image.
    Raises ImageError: so long and narrow that the resized image would have over 64 million pixels.
    """
    if crop is not None:
        picture = picture.crop((crop.x0, crop.y0, crop.x1, crop.y1))
    short = min(picture.size)
    to = round(size * 256 / 224)
    width, height = (int(to * side / short) if side != short else to for side in picture.size)
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{picture.width}x{picture.height} pixels are too long and narrow for input size {size}", fix=FIX
        )
    resized = picture.resize((width, height), Image.Resampling.BILINEAR)
    x0, y0 = round((width - size) / 2), round((height - size) / 2)
    return np.asarray(resized)[y0 : y0 + size, x0 : x0 + size].copy()  # (size, size, 3)


def look(data: bytes, *, where: Path | str, crop: Box | None, size: int) -> NDArray[np.uint8]:
    """Return the image file `data`, or its `crop`, as an encoder of input `size` sees it: (size, size, 3), 0..255.

    Raises ImageError, naming the file `where`.
    """
    picture = decode(data, where=where)
    if crop is not None and (crop.x1 > picture.width or crop.y1 > picture.height):
        raise ImageError("is smaller than at the split", where=safe_text(str(where)), fix="put the old file back")
    try:
        return preprocess(picture, crop=crop, size=size)
    except ImageError as error:
        raise ImageError(error.what, where=safe_text(str(where)), fix=error.fix) from None


def normalise(
    pixels: NDArray[np.uint8], *, mean: tuple[float, float, float], std: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return (n, size, size, 3) pixels as float32 (n, 3, size, size): pixel / 255, less `mean`, over `std`.

    The same numbers as torchvision's ToTensor and Normalize.
    """
    count, height, width, _ = pixels.shape
    result = np.empty((count, 3, height, width), np.float32)
    for start in range(0, count, max(1, _CACHED // (height * width))):
        part = slice(start, start + max(1, _CACHED // (height * width)))
        planes = result[part]
        np.copyto(planes, pixels[part].transpose(0, 3, 1, 2))  # (m, 3, height, width)
        planes /= np.float32(255)
        planes -= np.asarray(mean, np.float32)[:, None, None]
        planes /= np.asarray(std, np.float32)[:, None, None]
    return result


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers")
    if image.mode.startswith("I"):  # 16 bits a pixel, of which Pillow would clip all above 255
        return Image.fromarray((np.asarray(image).clip(0, 0xFFFF) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("P", "PA"):  # a palette with transparency is only convertible this way round
        image = image.convert("RGBA")
    return image.convert("RGB")


def _undecodable(error: Exception, *, where: Path | str) -> ImageError:
    what = f"cannot be decoded ({safe_text(str(error), limit=100)})"
    return ImageError(what, where=safe_text(str(where)), fix=FIX)


def _too_large(pixels: int | None) -> str:
    count = "" if pixels is None else f" ({pixels / 1e6:.0f} million)"
    return f"has more than {MAX_PIXELS // 1_000_000} million pixels{count}"
