import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from dejavu_tui.errors import ArtefactError, ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.images.pixels import open_picture, preprocess

SIZE, COUNT = 8, 7
BYTES = COUNT * SIZE * SIZE * 3


@pytest.fixture
def images(tmp_path: Path) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    names = [f"{number}.png" for number in range(COUNT)]
    for name in names:
        Image.fromarray(rng.integers(256, size=(20, 20, 3)).astype(np.uint8)).save(tmp_path / name)
    hashes = [hashlib.sha256((tmp_path / name).read_bytes()).digest() for name in names]
    return pl.DataFrame({"path": names, "sha256": hashes})


def cropped(images: pl.DataFrame) -> pl.DataFrame:
    corners = {"x0": range(COUNT), "y0": [1] * COUNT, "x1": [15] * COUNT, "y1": [17] * COUNT}
    return images.with_columns(**{name: pl.Series(list(values)) for name, values in corners.items()})


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
@pytest.mark.parametrize("budget", [0, BYTES - 1, BYTES])
@pytest.mark.parametrize("crops", [False, True])
def test_batches_are_the_pictures_in_order_whoever_asks(
    images: pl.DataFrame, tmp_path: Path, batch: int, budget: int, crops: bool
) -> None:
    table = cropped(images) if crops else images
    pictures = Pictures(table, source=tmp_path, size=SIZE, batch=batch, budget=budget)
    boxes = [Box(number, 1, 15, 17) if crops else None for number in range(COUNT)]
    expected = [preprocess(open_picture(tmp_path / f"{n}.png"), crop=box, size=SIZE) for n, box in enumerate(boxes)]
    assert len(pictures) == -(-COUNT // batch)
    numbers = [*range(len(pictures)), *reversed(range(len(pictures)))]
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(numbers, pool.map(pictures.batch, numbers), strict=True))
    assert np.array_equal(np.concatenate([found[number] for number in range(len(pictures))]), np.stack(expected))


@pytest.mark.parametrize(("budget", "again"), [(BYTES, False), (BYTES - 1, True)])
def test_pictures_within_the_budget_are_decoded_once(
    images: pl.DataFrame, tmp_path: Path, budget: int, again: bool
) -> None:
    pictures = Pictures(images, source=tmp_path, size=SIZE, batch=3, budget=budget)
    before = [pictures.batch(number) for number in range(3)]
    for name in images["path"]:
        (tmp_path / name).unlink()
    if again:
        with pytest.raises(ImageError, match=r"0\.png"):
            pictures.batch(0)
    else:
        assert all(pictures.batch(number) is before[number] for number in range(3))


def test_a_file_that_is_not_what_it_was_is_named(images: pl.DataFrame, tmp_path: Path) -> None:
    pictures = Pictures(images, source=tmp_path, size=SIZE, batch=3, budget=0)
    first, second = (tmp_path / name for name in images["path"][:2])
    before = first.read_bytes()
    first.write_bytes(second.read_bytes())
    with pytest.raises(ArtefactError, match=r"0\.png: is not as it was at the split; put the old image back"):
        pictures.batch(0)
    pictures.batch(1)
    first.write_bytes(before)
    pictures.batch(0)
