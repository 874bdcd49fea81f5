"""COCO instances: labels, boxes, and files that cannot be trusted."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.layouts import coco, recognise

CAT, DOG, YAK = 17, 18, 3
CATEGORIES = [{"id": CAT, "name": "cat"}, {"id": DOG, "name": "dog"}, {"id": YAK, "name": "yak"}]


def described(*names: str) -> list[dict[str, Any]]:
    return [
        {"id": 100 + n, "file_name": name, "width": 40, "height": 30, "license": 1} for n, name in enumerate(names)
    ]


def thing(image: int, category: int, *bbox: float) -> dict[str, Any]:
    return {
        "id": 1,
        "image_id": 100 + image,
        "category_id": category,
        "bbox": bbox,
        "iscrowd": 0,
        "segmentation": [[1]],
    }


def build(
    root: Path, *, objects: list[dict[str, Any]], names: tuple[str, ...] = ("a.png", "b.png", "c.png")
) -> Path:
    images = root / "train2017"
    for name in names:
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).write_bytes(b"x")
    told = {"info": {}, "images": described(*names), "annotations": objects, "categories": CATEGORIES}
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations/instances_train2017.json").write_text(json.dumps(told))
    return images


def test_labels_boxes_and_sizes(tmp_path: Path) -> None:
    images = build(
        tmp_path,
        objects=[thing(0, DOG, 1.5, 2, 10, 3.25), thing(1, CAT, 0, 0, 40, 30), thing(0, DOG, 1.5, 2, 10, 3.25)],
    )
    assert recognise(images, annotations=None) == "coco"
    listing = coco.read(images, annotations=None)
    assert listing.annotations == tmp_path / "annotations/instances_train2017.json"
    assert listing.images.select("path", "label_name", "width", "height").rows() == [
        ("a.png", "dog", 40, 30),
        ("b.png", "cat", 40, 30),
        ("c.png", None, 40, 30),
    ]
    assert listing.boxes.sort("path").rows() == [("a.png", 1, 2, 12, 6), ("b.png", 0, 0, 40, 30)]
    assert listing.has_boxes
    assert not listing.gives_parts
    assert not listing.refused


@pytest.mark.parametrize(
    ("objects", "label"),
    [
        ([(CAT, 0, 0, 5, 5), (DOG, 0, 0, 6, 5)], "dog"),
        ([(CAT, 0, 0, 5, 5), (DOG, 0, 0, 6, 5), (CAT, 9, 9, 5, 5)], "cat"),
        ([(YAK, 0, 0, 5, 5), (DOG, 9, 0, 5, 5)], "dog"),
    ],
    ids=["the largest", "the largest together", "of equal ones the first name"],
)
def test_of_several_categories(tmp_path: Path, objects: list[tuple[int, ...]], label: str) -> None:
    for order in (objects, objects[::-1]):
        images = build(tmp_path, objects=[thing(0, *one) for one in order])
        assert coco.read(images, annotations=None).images["label_name"][0] == label


def test_boxes_without_a_pixel_are_left_out_and_counted(tmp_path: Path) -> None:
    images = build(
        tmp_path, objects=[thing(0, CAT, 3, 3, 0, 9), thing(0, CAT, 3.5, 3, 0, 9), thing(1, DOG, 1, 1, 2, 0)]
    )
    listing = coco.read(images, annotations=None)
    assert listing.boxes.rows() == [("a.png", 3, 3, 4, 12)]
    assert listing.no_area == 2
    assert listing.images["label_name"].to_list() == ["cat", "dog", None]
    (images / "b.png").unlink()
    assert coco.read(images, annotations=None).no_area == 1, "of images that are there"


def test_images_that_are_not_there_or_not_named(tmp_path: Path) -> None:
    images = build(tmp_path, objects=[])
    (images / "a.png").unlink()
    (images / "more.png").write_bytes(b"x")
    listing = coco.read(images, annotations=None)
    assert listing.images["path"].to_list() == ["b.png", "c.png"]
    assert dict(listing.refused) == {"a.png": "is named in a file, and is not there"}
    assert listing.ignored == 1


def test_the_file_named_like_the_folder_is_taken_or_the_only_one(tmp_path: Path) -> None:
    images = build(tmp_path, objects=[])
    file = tmp_path / "annotations/instances_train2017.json"
    (tmp_path / "annotations/instances_val2017.json").write_text("{}")
    assert coco.read(images, annotations=None).annotations == file
    other = file.rename(tmp_path / "annotations/instances_other.json")
    assert not coco.recognises(images, annotations=None)
    with pytest.raises(RequestError, match="--annotations"):
        coco.read(images, annotations=None)
    assert coco.read(images, annotations=other).annotations == other
    assert coco.recognises(images, annotations=other)


def spoiled(change: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "images": described("a.png", "b.png"),
        "annotations": [thing(0, CAT, 0, 0, 5, 5)],
        "categories": list(CATEGORIES),
    }
    if change == "an image twice":
        told["images"][1]["id"] = told["images"][0]["id"]
    elif change == "a name twice":
        told["images"][1]["file_name"] = "a.png"
    elif change == "a category twice":
        told["categories"] = [CATEGORIES[0], CATEGORIES[0]]
    elif change == "an unknown image":
        told["annotations"][0]["image_id"] = 999
    elif change == "an unknown category":
        told["annotations"][0]["category_id"] = 999
    elif change == "a side below 0":
        told["annotations"][0]["bbox"] = [5, 5, -2, 1]
    elif change == "a number too large":
        told["annotations"][0]["bbox"] = [5, 5, 1e12, 1]
    elif change == "no bbox":
        del told["annotations"][0]["bbox"]
    elif change == "a word for a number":
        told["annotations"][0]["bbox"] = [1, 2, 3, "4"]
    elif change == "a number that no integer holds":
        told["images"][1]["id"] = 10**30
    elif change == "no categories":
        del told["categories"]
    return told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("an image twice", "the image 100 stands twice"),
        ("a name twice", "the file_name a.png stands twice"),
        ("a category twice", "the category 17 stands twice"),
        ("an unknown image", "an object is of image 999"),
        ("an unknown category", "an object is of category 999"),
        ("a side below 0", "[5.0, 5.0, -2.0, 1.0] of image 100 is no box"),
        ("a number too large", "is no box"),
        ("no bbox", "missing required field `bbox`"),
        ("a word for a number", "got `str` - at `$.annotations[0].bbox[3]`"),
        ("a number that no integer holds", "no COCO instances file"),
        ("no categories", "missing required field `categories`"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, change: str, said: str) -> None:
    images = build(tmp_path, objects=[])
    file = tmp_path / "annotations/instances_train2017.json"
    file.write_text(json.dumps(spoiled(change)))
    with pytest.raises(AnnotationError) as caught:
        coco.read(images, annotations=None)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", '{"images": 1}', "\ud800"], ids=range(6))
def test_what_is_no_instances_file_is_refused(tmp_path: Path, text: str) -> None:
    images = build(tmp_path, objects=[])
    (tmp_path / "annotations/instances_train2017.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(AnnotationError, match="no COCO instances file"):
        coco.read(images, annotations=None)


def test_the_order_of_the_file_decides_nothing(tmp_path: Path) -> None:
    objects = [thing(n % 3, category, n, n, 4, 5) for n, category in enumerate((CAT, DOG, YAK, CAT, DOG, YAK, CAT))]
    first = coco.read(build(tmp_path, objects=objects), annotations=None)
    second = coco.read(build(tmp_path, objects=objects[::-1]), annotations=None)
    assert first.images.equals(second.images)
    assert first.boxes.sort(pl.all()).equals(second.boxes.sort(pl.all()))


def test_sizes_may_be_left_out(tmp_path: Path) -> None:
    images = build(tmp_path, objects=[thing(0, DOG, 1, 2, 10, 3)])
    file = tmp_path / "annotations/instances_train2017.json"
    told = json.loads(file.read_text())
    del told["images"][0]["width"], told["images"][0]["height"]
    told["images"][1] |= {"width": None, "height": None}
    file.write_text(json.dumps(told))
    listing = coco.read(images, annotations=None)
    assert listing.images.select("width", "height").rows() == [(None, None), (None, None), (40, 30)]


def test_areas_without_bounds_do_not_overflow(tmp_path: Path) -> None:
    huge = [thing(0, CAT, 0, 0, 9.9e8 - n, 9.9e8) for n in range(12)]
    images = build(tmp_path, objects=[*huge, thing(0, DOG, 0, 0, 2, 2)])
    assert coco.read(images, annotations=None).images["label_name"][0] == "cat"


@pytest.mark.parametrize(("names", "said"), [(("cat", "cat"), "category cat stands twice"), (("", "x"), "name")])
def test_categories_of_one_name_or_of_none_are_refused(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    images = build(tmp_path, objects=[])
    file = tmp_path / "annotations/instances_train2017.json"
    told = json.loads(file.read_text())
    told["categories"] = [{"id": n, "name": name} for n, name in enumerate(names)]
    file.write_text(json.dumps(told))
    with pytest.raises(AnnotationError, match=said):
        coco.read(images, annotations=None)


def test_several_instances_files_are_asked_about(tmp_path: Path) -> None:
    images = build(tmp_path, objects=[])
    (images / "instances_val.json").write_text("{}")
    with pytest.raises(RequestError, match=r"several files .*instances_train2017.json, .*_val.json"):
        recognise(images, annotations=None)
