"""A process that decodes image files and cuts crops out of them; it imports no torch.

It is told what to do, one line of JSON for each image, on its standard input, and answers on its standard output:
the length of an error, and the error; or 0 and the pixels of the crops. When its input ends it ends too, so that it
cannot outlive the process that started it. What a terminal or a batch system signals is left to that process.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import ImageError
from dejavu_tui.images.pixels import open_picture

HEADER_BYTES = 4


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


def request(path: Path, cuts: Sequence[Cut]) -> bytes:
    """Return what asks a decoding process for the `cuts` of the image at `path`."""
    return json.dumps([os.fsencode(path).decode("latin-1"), [asdict(cut) for cut in cuts]]).encode() + b"\n"


def _answer(line: bytes) -> bytes:
    name, cuts = json.loads(line)
    path = Path(os.fsdecode(name.encode("latin-1")))
    try:
        pixels = [crop.tobytes() for crop in cut_out(path, [Cut(**cut) for cut in cuts])]
    except ImageError as error:
        told = json.dumps([error.what, error.where, error.fix]).encode()
        return len(told).to_bytes(HEADER_BYTES) + told
    return b"".join([(0).to_bytes(HEADER_BYTES), *pixels])


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody listens any more: end without a word
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(_answer(line))
        sys.stdout.buffer.flush()
