from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.encoders.trainset import load_images
from dejavu_tui.errors import ImageError, RequestError, StoppedError
from dejavu_tui.records import never, silent


def pictures(folder: Path, *sizes: tuple[int, int]) -> list[Path]:
    paths = []
    for number, (width, height) in enumerate(sizes):
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        paths.append(folder / f"{number}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def test_whole_images_are_squeezed_and_their_shape_noted(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (16, 16), (40, 20), (10, 30))
    images = load_images(paths, image_ids=[5, 2, 9], size=16, progress=silent, stop=never, stage="train A")
    assert images.pixels.shape == (3, 16, 16, 3)
    assert images.pixels.dtype == np.uint8
    assert images.image_ids.tolist() == [5, 2, 9]
    assert images.aspects.tolist() == pytest.approx([1, 2, 1 / 3])
    with Image.open(paths[0]) as picture:
        assert np.array_equal(images.pixels[0], np.asarray(picture))  # nothing is lost where nothing is to do
    with Image.open(paths[1]) as picture:
        halves = np.asarray(picture.resize((16, 16), Image.Resampling.BILINEAR))
    assert np.array_equal(images.pixels[1], halves)


def test_the_hash_sees_pixels_ids_and_shapes(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (16, 16), (16, 16), (32, 16))

    def digest(chosen: list[int], ids: list[int]) -> str:
        files = [paths[place] for place in chosen]
        return load_images(files, image_ids=ids, size=8, progress=silent, stop=never, stage="x").sha256()

    hashes = {digest([0, 1], [0, 1]), digest([1, 0], [0, 1]), digest([0, 1], [0, 2]), digest([0, 2], [0, 1])}
    assert len(hashes) == 4
    assert digest([0, 1], [0, 1]) in hashes


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (16, 16), (16, 16))
    paths[1].write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"1\.png"):
        load_images(paths, image_ids=[0, 1], size=8, progress=silent, stop=never, stage="train A")


def test_one_image_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="1 image to train on"):
        load_images(pictures(tmp_path, (8, 8)), image_ids=[0], size=8, progress=silent, stop=never, stage="train A")


def test_reading_stops_on_request(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (8, 8), (8, 8))
    with pytest.raises(StoppedError):
        load_images(paths, image_ids=[0, 1], size=8, progress=silent, stop=lambda: True, stage="train A")
