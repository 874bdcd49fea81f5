"""What decoding takes: photos by Pillow, simplejpeg and at a reduced size, PNGs by Pillow and by what we use; run
with `make bench`.
"""

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.images.pixels import decode, look, preprocess
from tests.benchmarks.material import photo, seconds


@pytest.mark.bench
def test_decoders(tmp_path: Path) -> None:
    """Pillow, simplejpeg, and reduced decoding, which is not used because it gives other pixels."""
    simplejpeg = pytest.importorskip("simplejpeg")
    rng = np.random.default_rng(0)
    for name, scale in (("500x375", 1), ("2000x1500", 4)):
        paths = [tmp_path / f"{name}-{number}.jpg" for number in range(20)]
        for path in paths:
            one = photo(rng)
            one.resize((500 * scale, 375 * scale), Image.Resampling.BICUBIC).save(path, quality=90)
        data = [path.read_bytes() for path in paths]
        whole = [decode(one, where="bench") for one in data]
        same = all(
            np.array_equal(np.asarray(a), simplejpeg.decode_jpeg(b)) for a, b in zip(whole, data, strict=True)
        )
        times = {
            "Pillow": seconds(partial(each, partial(decode, where="bench"), data)),
            "simplejpeg": seconds(partial(each, simplejpeg.decode_jpeg, data)),
            "reduced": seconds(partial(each, drafted, paths)),
            "resize": seconds(partial(each, partial(preprocess, crop=None, size=224), whole)),
        }
        pairs = [
            (preprocess(a, crop=None, size=224).astype(int), preprocess(drafted(path), crop=None, size=224))
            for a, path in zip(whole, paths, strict=True)
        ]
        off = np.concatenate([np.abs(a - b).ravel() for a, b in pairs])
        print(
            f"\n{name}: "
            + ", ".join(f"{which} {took / len(paths) * 1e3:.2f} ms" for which, took in times.items())
            + f"; simplejpeg gives {'the same' if same else 'other'} pixels;"
            f" reduced differs by {off.mean():.2f} levels, at most {off.max()}"
        )


@pytest.mark.bench
def test_png_decoders() -> None:
    """Plain PNG files beside Pillow, and the whole way to an encoder's pixels."""
    rng = np.random.default_rng(0)
    print()
    for side in (32, 96, 224, 500):
        data = [png(photo(rng).resize((side, side))) for _ in range(20)]
        rounds = max(1, 4000 // side)
        times = {
            "Pillow": seconds(partial(each, by_pillow, data * rounds)),
            "ours": seconds(partial(each, partial(decode, where="bench"), data * rounds)),
            "ours, resized": seconds(
                partial(each, partial(look, where="bench", crop=None, size=side), data * rounds)
            ),
        }
        print(
            f"{side}x{side}: "
            + ", ".join(f"{which} {took / len(data) / rounds * 1e6:,.0f} us" for which, took in times.items())
        )
        assert times["ours"] < times["Pillow"]


def png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def by_pillow(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["PNG"])
    image.load()
    return image


def drafted(path: Path) -> Image.Image:
    """Return the image decoded no larger than the resize needs."""
    image = Image.open(path)
    image.draft("RGB", (342, 256))
    image.load()
    return image


def each(work: Callable[[Any], object], things: Iterable[Any]) -> None:
    for one in things:
        work(one)
