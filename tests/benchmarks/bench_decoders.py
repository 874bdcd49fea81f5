"""What decoding a photo takes: Pillow, simplejpeg, and decoding at a reduced size; run with `make bench`."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.images.pixels import decode, preprocess
from tests.benchmarks.bench_embedding import photo, seconds


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


def drafted(path: Path) -> Image.Image:
    """Return the image decoded no larger than the resize needs."""
    image = Image.open(path)
    image.draft("RGB", (342, 256))
    image.load()
    return image


def each(work: Callable[[Any], object], things: Iterable[Any]) -> None:
    for one in things:
        work(one)
