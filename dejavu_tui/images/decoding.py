"""A process that decodes image files and cuts crops out of them; it imports no torch.

It is told what to do, a line of JSON each time, on its standard input, and answers on its standard output: the
length of an error, and the error; or 0 and the pixels, of files that it inspects 0, a length, and JSON. When its
input ends it ends too, so that it cannot outlive the process that started it. What a terminal or a batch system
signals is left to that process.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import ArtefactError, ContentError, ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import look, open_picture, read_image
from dejavu_tui.text import safe_text

HEADER_BYTES = 4
ERRORS: dict[str, type[ContentError]] = {error.__name__: error for error in (ImageError, ArtefactError)}
"""What an answer may raise, by name."""


@dataclass(frozen=True)
class Cut:
    """A crop x0, y0, width, height, shares of the image's sides, resized to `size` and perhaps mirrored."""

    box: tuple[float, float, float, float]
    size: int
    mirrored: bool


def cut_out(path: Path, cuts: Sequence[Cut]) -> Iterator[NDArray[np.uint8]]:
    """Yield the `cuts` of the image at `path`, (size, size, 3) each, bilinear with antialias.

    Raises ImageError: it cannot be read.
    """
    picture = open_picture(path)
    width, height = picture.size
    for cut in cuts:
        x0, y0, across, down = cut.box
        box = (x0 * width, y0 * height, min((x0 + across) * width, width), min((y0 + down) * height, height))
        crop = np.asarray(picture.resize((cut.size, cut.size), Image.Resampling.BILINEAR, box=box))
        yield crop[:, ::-1] if cut.mirrored else crop


@dataclass(frozen=True)
class File:
    """An image file, the SHA-256 that it must have, and the crop of it that is meant; None: all of it."""

    path: str
    sha256: bytes
    crop: Box | None


def look_at(files: Sequence[File], *, size: int) -> NDArray[np.uint8]:
    """Return the `files` as an encoder of input `size` sees them: (n, size, size, 3), 0..255.

    Raises ImageError: one cannot be read. ArtefactError: it has other bytes than at the split; a crop, a label or a
    neighbour would belong to another picture.
    """
    pixels = np.empty((len(files), size, size, 3), np.uint8)
    for place, file in enumerate(files):
        data = read_image(file.path)
        pixels[place] = look(data, where=file.path, crop=file.crop, size=size)
        if hashlib.sha256(data).digest() != file.sha256:
            raise ArtefactError(
                "is not as it was at the split",
                where=safe_text(file.path),
                fix="put the old image back, or make another audit with `dejavu split`",
            )
    return pixels


def cut_request(path: Path, cuts: Sequence[Cut]) -> bytes:
    """Return what asks a decoding process for the `cuts` of the image at `path`."""
    return _line({"path": _name(str(path)), "cuts": [asdict(cut) for cut in cuts]})


def look_request(files: Sequence[File], *, size: int) -> bytes:
    """Return what asks a decoding process to look at `files`."""
    told = [(_name(file.path), file.sha256.hex(), file.crop and astuple(file.crop)) for file in files]
    return _line({"files": told, "size": size})


def inspect_request(files: Sequence[tuple[str, str | None]], *, pixels: bool) -> bytes:
    """Return what asks a decoding process to inspect `files`, each with its annotation or None."""
    told = [(_name(path), annotation and _name(annotation)) for path, annotation in files]
    return _line({"inspected": told, "pixels": pixels})


def _line(asked: dict[str, Any]) -> bytes:
    return json.dumps(asked).encode() + b"\n"


def _name(path: str) -> str:
    return os.fsencode(path).decode("latin-1")


def _path(name: str) -> str:
    return os.fsdecode(name.encode("latin-1"))


def _answer(line: bytes) -> bytes:
    asked = json.loads(line)
    if "inspected" in asked:
        return _inspected(asked)
    try:
        if "cuts" in asked:
            crops = cut_out(Path(_path(asked["path"])), [Cut(**cut) for cut in asked["cuts"]])
            pixels = [crop.tobytes() for crop in crops]
        else:
            files = [
                File(_path(name), bytes.fromhex(sha256), crop and Box(*crop))
                for name, sha256, crop in asked["files"]
            ]
            pixels = [look_at(files, size=asked["size"]).tobytes()]
    except (ImageError, ArtefactError) as error:
        told = json.dumps([type(error).__name__, error.what, error.where, error.fix]).encode()
        return len(told).to_bytes(HEADER_BYTES) + told
    return b"".join([(0).to_bytes(HEADER_BYTES), *pixels])


def _inspected(asked: dict[str, Any]) -> bytes:
    from dejavu_tui.images.inspecting import inspect  # it brings a parser of XML, which decoding alone does without

    told = json.dumps(
        [
            inspect(Path(_path(path)), annotation and Path(_path(annotation)), pixels=asked["pixels"])
            for path, annotation in asked["inspected"]
        ]
    ).encode()
    return b"".join([(0).to_bytes(HEADER_BYTES), len(told).to_bytes(HEADER_BYTES), told])


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody listens any more: end without a word
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(_answer(line))
        sys.stdout.buffer.flush()
