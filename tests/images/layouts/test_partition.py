"""The paper's index files, against torchvision's own count."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.layouts import partition, recognise
from tests.data.folders import build_folder

COUNTED = ("a/2.png", "a/10.PNG", "a/deep/1.png", "a/deep-er/0.png", "a-b/1.jpg", "B/x.webp")
NAMES = (*COUNTED, "B/notes.txt", "B/y.gif")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "train"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def indices(folder: Path, **files: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for name, numbers in files.items():
        np.save(folder / f"{name}.npy", numbers)
    return folder


def test_an_index_means_the_image_that_torchvision_means(tree: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("torchvision.datasets")
    samples = [os.path.relpath(path, tree) for path, _ in datasets.ImageFolder(str(tree)).samples]
    assert len(samples) == len(COUNTED)
    order = [4, 2, 0, 5, 1, 3]
    folder = indices(tmp_path / "i", bbox_A=order[:2], bbox_B=order[2:4], public=order[4:5], shared=order[5:])
    assert recognise(tree, annotations=folder) == "partition"
    listing = partition.read(tree, annotations=folder)
    expected = {
        samples[place]: part for place, part in zip(order, ("A", "A", "B", "B", "X", "shared"), strict=True)
    }
    got = dict(listing.images.select("path", "part").iter_rows())
    assert got == expected | {"B/y.gif": None}
    assert listing.annotations == folder
    assert listing.ignored == 1


def test_boxes_are_found_beside_the_images_or_the_index_files(tmp_path: Path) -> None:
    images = build_folder(tmp_path / "d", classes=1, per_class=3) / "images"
    folder = indices(tmp_path / "i", bbox_A=[0], bbox_B=[1], public=[2])
    assert partition.read(images, annotations=folder).images["annotation"].null_count() == 0
    (tmp_path / "d/Annotation").rename(tmp_path / "i/Annotation")
    listing = partition.read(images, annotations=folder)
    assert listing.images["annotation"][1] == f"{folder}/Annotation/class0/0001.xml"


def test_files_as_the_papers_code_leaves_them(tree: Path, tmp_path: Path) -> None:
    """Without shared images it saves an empty list, of floats."""
    folder = indices(tmp_path / "i", bbox_A=[0], bbox_B=[1], public=[2, 3], shared=[], train_A=[0], train_B=[1])
    assert partition.read(tree, annotations=folder).images["part"].drop_nulls().sort().to_list() == [
        "A",
        "B",
        "X",
        "X",
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"bbox_B": [6]}, "bbox_B.npy: counts other images than the 6"),
        ({"bbox_B": [-1]}, "bbox_B.npy: counts other images than the 6"),
        ({"public": list(range(7))}, "public.npy: counts other images"),
        ({"bbox_B": [0]}, "image 0 stands twice"),
        ({"bbox_B": [1, 1]}, "image 1 stands twice"),
        ({"bbox_B": [1.5]}, "holds float64 (1,), not a row of whole numbers"),
        ({"bbox_B": [[1], [4]]}, "not a row"),
        ({"bbox_B": np.array([None])}, "no readable index file"),
    ],
)
def test_index_files_that_cannot_be_meant_are_refused(
    tree: Path, tmp_path: Path, files: dict[str, Any], said: str
) -> None:
    folder = indices(tmp_path / "i", **({"bbox_A": [0], "bbox_B": [1], "public": [2]} | files))
    with pytest.raises(AnnotationError) as caught:
        partition.read(tree, annotations=folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def header(shape: str) -> bytes:
    text = f"{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(16)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04",
        b"x" * 200,
        header("(3,)"),
        header("(-1,)"),
        header("(1 << 60,)"),
        header("(1152921504606846976,)"),
        header("()"),
        header("('a',)"),
    ],
    ids=range(10),
)
def test_what_is_no_array_is_refused(tree: Path, tmp_path: Path, data: bytes) -> None:
    folder = indices(tmp_path / "i", bbox_A=[0], bbox_B=[1], public=[2])
    (folder / "public.npy").write_bytes(data)
    with pytest.raises(AnnotationError, match=r"public\.npy: (is no readable index file|holds int64)"):
        partition.read(tree, annotations=folder)


def test_a_file_that_is_needed_and_missing_is_refused(tree: Path, tmp_path: Path) -> None:
    folder = indices(tmp_path / "i", bbox_A=[0], bbox_B=[1])
    with pytest.raises(AnnotationError, match="public"):
        partition.read(tree, annotations=folder)
    with pytest.raises(RequestError, match="bbox_A"):
        partition.read(tree, annotations=None)


@pytest.mark.parametrize("name", ["a/.1.png", "a/.hidden", "B/link.png"])
def test_what_torchvision_may_count_and_we_do_not_is_refused(tree: Path, tmp_path: Path, name: str) -> None:
    folder = indices(tmp_path / "i", bbox_A=[0], bbox_B=[1], public=[2])
    if "link" in name:
        (tree / name).symlink_to(tree / "a/2.png")
    else:
        (tree / name).write_bytes(b"x")
    with pytest.raises(AnnotationError, match="is a link, hidden"):
        partition.read(tree, annotations=folder)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    images = build_folder(tmp_path, classes=2, per_class=3, boxes=False) / "images"
    np.save(tmp_path / "bbox_A.npy", [0])
    np.save(tmp_path / "public.npy", [1])
    os.mkfifo(tmp_path / "bbox_B.npy")
    with pytest.raises(AnnotationError, match=r"bbox_B.npy: is no regular file"):
        partition.read(images, annotations=tmp_path)
