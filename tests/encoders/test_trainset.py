from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from dejavu_tui.encoders import trainset
from dejavu_tui.encoders.trainset import TrainFiles, TrainImages, TrainSet, load_images
from dejavu_tui.errors import ImageError, RequestError, StoppedError
from dejavu_tui.records import Stop, never, silent


def pictures(folder: Path, *sizes: tuple[int, int]) -> list[Path]:
    paths = []
    for number, (width, height) in enumerate(sizes):
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        paths.append(folder / f"{number}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def load(paths: list[Path], image_ids: list[int], *, size: int = 8, stop: Stop = never) -> TrainImages:
    names = [path.name for path in paths]
    members = pl.DataFrame({"image_id": image_ids, "path": names, "label": [1] * len(paths)})
    members = members.with_columns(width=pl.Series([40, 20, 10][: len(paths)]), height=20)
    return load_images(
        members, source=paths[0].parent, classes=3, size=size, progress=silent, stop=stop, stage="train A"
    )


def read(paths: list[Path], image_ids: list[int], *, size: int = 8, stop: Stop = never) -> TrainSet:
    images = load(paths, image_ids, size=size, stop=stop)
    assert isinstance(images, TrainSet)
    return images


def read_files(paths: list[Path], image_ids: list[int], *, stop: Stop = never) -> TrainFiles:
    images = load(paths, image_ids, stop=stop)
    assert isinstance(images, TrainFiles)
    return images


def test_whole_images_are_squeezed_and_their_shape_noted(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (16, 16), (40, 20), (10, 30))
    images = read(paths, [5, 2, 9], size=16)
    assert images.pixels.shape == (3, 16, 16, 3)
    assert images.pixels.dtype == np.uint8
    assert images.image_ids.tolist() == [5, 2, 9]
    assert (images.labels.tolist(), images.classes) == ([1, 1, 1], 3)
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
        return read(files, ids).sha256()

    hashes = {digest([0, 1], [0, 1]), digest([1, 0], [0, 1]), digest([0, 1], [0, 2]), digest([0, 2], [0, 1])}
    assert len(hashes) == 4
    assert digest([0, 1], [0, 1]) in hashes


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (16, 16), (16, 16))
    paths[1].write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"1\.png"):
        read(paths, [0, 1])


def test_one_image_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="1 image to train on"):
        read(pictures(tmp_path, (8, 8)), [0])


def test_reading_stops_on_request(tmp_path: Path) -> None:
    paths = pictures(tmp_path, (8, 8), (8, 8))
    with pytest.raises(StoppedError):
        read(paths, [0, 1], stop=lambda: True)


def test_what_does_not_fit_into_memory_stays_in_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = pictures(tmp_path, (40, 20), (20, 20), (10, 20))
    monkeypatch.setattr(trainset, "HELD_BYTES", 3 * 8 * 8 * 3)
    read(paths, [5, 2, 9])
    monkeypatch.setattr(trainset, "HELD_BYTES", 3 * 8 * 8 * 3 - 1)
    images = read_files(paths, [5, 2, 9])
    assert images.paths == tuple(paths)
    assert images.image_ids.tolist() == [5, 2, 9]
    assert images.aspects.tolist() == [2, 1, 0.5]
    assert (images.labels.tolist(), images.classes) == ([1, 1, 1], 3)
    digest = images.sha256()
    assert read_files(paths, [5, 2, 9]).sha256() == digest
    assert read_files(paths, [5, 2, 8]).sha256() != digest
    paths[1].write_bytes(paths[0].read_bytes())
    assert read_files(paths, [5, 2, 9]).sha256() != digest
    with pytest.raises(StoppedError):
        read_files(paths, [5, 2, 9], stop=lambda: True)
    paths[1].unlink()
    with pytest.raises(ImageError, match=r"1\.png"):
        read_files(paths, [5, 2, 9])
