"""Image files as they come: unusual ones that are sound, and bad ones."""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 32, 24
CUT = ("is cut off", "cannot be decoded")
"""What is said of a file that ends early, by its header or by its decoder."""


def picture(seed: int, mode: str = "RGB") -> Image.Image:
    """Return random pixels, which no other seed's look like."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    """Return `image` as a file of `kind`."""
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """Return a PNG file of `side` x `side` pixels of one bit, under a hundred kilobytes."""
    rows = zlib.compress(b"\0" * (1 + side // 8) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def unusual(folder: Path) -> set[str]:
    """Write sound files below `folder`; return their names."""
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: a quarter turn
    deep = Image.fromarray(np.random.default_rng(1).integers(0, 1 << 16, (HEIGHT, WIDTH), dtype=np.uint16))
    palette = picture(2).quantize(16)
    several = [picture(seed) for seed in (3, 4)]
    files = {
        "a JPEG named so.png": encoded(picture(5), "JPEG"),
        "a PNG named so.jpg": encoded(picture(6), "PNG"),
        "cmyk.jpg": encoded(picture(7, "CMYK"), "JPEG"),
        "deep.png": encoded(deep, "PNG"),
        "palette.png": encoded(palette, "PNG", transparency=3),
        "alpha.png": encoded(picture(8, "RGBA"), "PNG"),
        "grey.jpg": encoded(picture(9, "L"), "JPEG"),
        "bilevel.png": encoded(picture(10, "1"), "PNG"),
        "progressive.jpg": encoded(picture(11), "JPEG", progressive=True),
        "interlaced.png": encoded(picture(12), "PNG", interlace=True),
        "turned.jpg": encoded(picture(13), "JPEG", exif=turned),
        "moving.webp": encoded(several[0], "WEBP", save_all=True, append_images=several[1:], lossless=True),
        "moving.png": encoded(picture(14), "PNG", save_all=True, append_images=several),
        "pixel.png": encoded(picture(15).crop((0, 0, 1, 1)), "PNG"),
        "followed.jpg": encoded(picture(16), "JPEG") + b"\0" * 3000,
        "line\nfeed.png": encoded(picture(17), "PNG"),
        "\x1b[31mred\x1b]0;title\x07.png": encoded(picture(18), "PNG"),
        "\u202eright to left 図.png": encoded(picture(19), "PNG"),
        "bitmap.bmp": encoded(picture(20), "BMP"),
        "pixmap.ppm": encoded(picture(21), "PPM"),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return set(files)


def bad(folder: Path) -> dict[str, tuple[str, ...]]:
    """Write bad files below `folder`; return what may be said of each, by the name it is said with."""
    kinds = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
    sound = {ending: encoded(picture(30 + n), kind) for n, (ending, kind) in enumerate(kinds.items())}
    spoilt = bytearray(sound["png"])
    spoilt[len(spoilt) // 2] ^= 255
    files: dict[str, tuple[bytes, str | tuple[str, ...]]] = {
        f"cut.{ending}": (data[: len(data) // 2], CUT) for ending, data in sound.items()
    } | {
        "empty.png": (b"", "is an empty file"),
        "text.jpg": (b"no image", "is no JPEG, PNG, WebP, BMP or PPM image"),
        "moving.gif": (encoded(picture(33), "GIF"), "is no JPEG"),
        "scan.tif": (encoded(picture(34), "TIFF"), "is no JPEG"),
        "fits.jpg": (b"SIMPLE  =                    T" + b" " * 2850, "is no JPEG"),
        "eps.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no JPEG"),
        "bomb.png": (bomb(), "more than 64 million pixels"),
        "spoilt.png": (bytes(spoilt), "cannot be decoded"),
    }
    files |= {f"nearly whole.{end}.png": (sound["png"][:-end], "is cut off") for end in (1, 12)}
    said: dict[str, tuple[str, ...]] = {}
    for name, (data, words) in files.items():
        (folder / name).write_bytes(data)
        said[name] = words if isinstance(words, tuple) else (words,)
    os.mkfifo(folder / "pipe.png")
    said["pipe.png"] = ("is not a regular file",)
    links = {"link.png": "alpha.png", "loop.png": "loop.png", "gone.png": "nowhere", "zero.png": "/dev/zero"}
    for name, target in links.items():
        (folder / name).symlink_to(target)
        said[name] = ("is a link",)
    Path(os.fsdecode(os.fsencode(folder) + b"/img_\xff\xfe.png")).write_bytes(sound["png"])
    said["img_\\xff\\xfe.png"] = ("has a name that is not UTF-8",)
    return said
