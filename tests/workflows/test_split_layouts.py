"""The same images under every layout give the same audit; parts and crops may come with the images."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.workflows.split import Plan, placed, plan, settings_for, write
from dejavu_tui.workflows.trained import whole_size
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder

TABLES = ("images", "boxes", "parts", "crops", "dropped", "hashes")
Rows = list[dict[str, Any]]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return build_folder(tmp_path / "pictures", classes=3, per_class=20) / "images"


def planned(images: Path, annotations: Path | None = None, **typed: Any) -> Plan:
    images, annotations = placed(images, annotations)
    named = None if annotations is None else str(annotations)
    return plan(images, settings_for(images, annotations=named, **({"k": 5} | typed)))


def told(audit: Audit) -> Rows:
    """Rows of a manifest that says what `audit` holds."""
    boxes = audit.boxes.group_by("image_id").agg(pl.concat_list("x0", "y0", "x1", "y1").alias("boxes"))
    rows = audit.images.join(boxes, on="image_id", how="left", maintain_order="left")
    return rows.select("path", pl.col("label_name").alias("label"), "boxes").to_dicts()


def in_lines(rows: Rows, file: Path) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def as_coco(rows: Rows, file: Path) -> Path:
    names = sorted({row["label"] for row in rows})
    objects = [
        {"image_id": place, "category_id": names.index(row["label"]), "bbox": [x0, y0, x1 - x0, y1 - y0]}
        for place, row in enumerate(rows)
        for x0, y0, x1, y1 in row["boxes"]
    ]
    described = [{"id": n, "file_name": row["path"], "width": 32, "height": 32} for n, row in enumerate(rows)]
    categories = [{"id": place, "name": name} for place, name in enumerate(names)]
    file.write_text(json.dumps({"images": described, "annotations": objects, "categories": categories}))
    return file


def test_every_layout_gives_the_same_audit(images: Path, tmp_path: Path) -> None:
    first = write(planned(images), tmp_path / "imagefolder")
    rows = told(first)
    files = {"manifest": in_lines(rows, tmp_path / "m.jsonl"), "coco": as_coco(rows, tmp_path / "instances.json")}
    for layout, file in files.items():
        asked = planned(images, file)
        assert asked.settings.layout == layout
        audit = write(asked, tmp_path / layout)
        assert audit.settings.annotations == file.name
        for table in TABLES:
            assert getattr(audit, table).equals(getattr(first, table)), (layout, table)
        assert write(planned(images, file), tmp_path / layout).root == audit.root, "the same again is reused"


def test_the_file_alone_names_the_images_of_its_folder(images: Path, tmp_path: Path) -> None:
    rows = told(write(planned(images), tmp_path / "audit"))
    file = in_lines(rows, images / "labels.jsonl")
    asked = planned(file)
    assert asked.source == images.resolve()
    assert asked.settings.layout == "manifest"
    assert asked.ignored == 0
    with pytest.raises(RequestError, match="--annotations"):
        planned(file, file)


def test_annotations_that_are_not_there_are_what_was_typed(images: Path, tmp_path: Path) -> None:
    for name in ("gone.csv", "gone.json", "gone"):
        with pytest.raises(RequestError, match="is not there"):
            planned(images, tmp_path / name)


def with_parts(images: Path, tmp_path: Path, **more: Any) -> Rows:
    """Rows of which each names its part: of each class 5 in A, 5 in B, 8 in X, one in E and one in none."""
    rows = told(write(planned(images), tmp_path / "like"))
    parts = ["A", "B"] * 5 + ["X"] * 8 + ["E", None]
    return [row | {"part": parts[place % 20]} | more for place, row in enumerate(rows)]


def test_parts_as_the_images_come(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path)
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"))
    names = asked.catalogue.images.join(asked.parts, on="image_id").select("path", "part")
    assert dict(names.iter_rows()) == {row["path"]: row["part"] for row in rows if row["part"]}
    assert asked.dropped["path"].to_list() == [row["path"] for row in rows if not row["part"]]
    assert asked.dropped["reason"].unique().to_list() == ["in no part, as the images come"]
    assert {row.part: row.attacked for row in asked.summary().parts} == {"A": 15, "B": 15, "X": 0, "E": 3}
    with pytest.raises(RequestError, match="--per-class asks"):
        planned(images, tmp_path / "m.jsonl", per_class=3)


def test_unequal_parts_are_taken_as_they_come(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path)
    rows[0]["part"] = None
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"))
    assert {row.part: row.images for row in asked.summary().parts} == {"A": 14, "B": 15, "X": 24, "E": 3}


def crop(x0: float, y0: float, x1: float, y1: float) -> dict[str, float]:
    return {"crop_x0": x0, "crop_y0": y0, "crop_x1": x1, "crop_y1": y1}


def test_crops_as_the_images_come(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path, boxes=[[0, 0, 8, 8]], **crop(10, 10, 20, 30))
    attacked = [row for row in rows if row["part"] in ("A", "B", "E")]
    attacked[0] |= crop(4, 4, 20, 20)
    attacked[1] |= crop(10, 10, 12, 30)
    attacked[2] |= dict.fromkeys(crop(0, 0, 0, 0), None)
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"), crop="given", min_side=3)
    found = asked.crops.join(asked.catalogue.images, on="image_id").sort("path")
    reasons = dict(found.select("path", "reason").iter_rows())
    assert [reasons[row["path"]] for row in attacked[:4]] == [
        "the given crop shows a part of a box", "crop too small", "no crop is given", None,
    ]  # fmt: skip
    whole = asked.crops.filter(pl.col("reason").is_null()).select("x0", "y0", "x1", "y1").unique()
    assert [Box(*row) for row in whole.iter_rows()] == [Box(10, 10, 20, 30)]


@pytest.mark.parametrize("wrong", [(0, 0, 33, 5), (-1, 0, 5, 5), (5, 5, 5, 9), (5.2, 0, 5.8, 9)])
def test_a_crop_outside_its_image_or_without_a_pixel_is_refused(
    images: Path, tmp_path: Path, wrong: tuple[float, ...]
) -> None:
    rows = with_parts(images, tmp_path, boxes=[], **crop(1, 1, 9, 9))
    rows[7] |= crop(*wrong)
    with pytest.raises(AnnotationError, match=r"class0/0007\.png: the crop given for it does not lie in its 32x32"):
        planned(images, in_lines(rows, tmp_path / "m.jsonl"), crop="given")


def test_crops_that_are_asked_for_and_crops_that_come(images: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no image comes with a crop"):
        planned(images, crop="given")
    rows = with_parts(images, tmp_path, **crop(1, 1, 9, 9))
    with pytest.raises(RequestError, match="use --crop given"):
        planned(images, in_lines(rows, tmp_path / "m.jsonl"))


def test_of_images_without_a_label_a_share_is_trained_on(images: Path, tmp_path: Path) -> None:
    rows = told(write(planned(images), tmp_path / "like"))
    for row in rows[::4]:
        row["label"] = None
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"))
    nameless = asked.catalogue.images.filter(pl.col("label").is_null())
    assert nameless["path"].to_list() == [row["path"] for row in rows[::4]]
    placed = nameless.join(asked.parts, on="image_id", how="left")["part"].to_list()
    each = placed.count("A")
    assert each == placed.count("B") > 0
    assert set(placed) <= {"A", "B", None}
    reasons = asked.crops.join(nameless, on="image_id", how="semi")["reason"].to_list()
    assert reasons == ["no label"] * 2 * each
    assert asked.dropped["reason"].to_list() == ["no label"] * (len(placed) - 2 * each)


def test_images_without_a_label_in_parts_that_come(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path)
    next(row for row in rows if row["part"] == "A")["label"] = None
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"))
    assert dict(asked.summary().unattacked)["no label"] == 1
    next(row for row in rows if row["part"] == "X")["label"] = None
    with pytest.raises(AnnotationError, match="has no label, which images of X need"):
        planned(images, in_lines(rows, tmp_path / "m2.jsonl"))


def test_no_label_at_all_is_refused(images: Path, tmp_path: Path) -> None:
    rows = told(write(planned(images), tmp_path / "like"))
    for row in rows:
        row["label"] = ""
    with pytest.raises(RequestError, match="no usable image has a label"):
        planned(images, in_lines(rows, tmp_path / "m.jsonl"))


def test_a_coco_file_of_other_images_is_refused(images: Path, tmp_path: Path) -> None:
    rows = told(write(planned(images), tmp_path / "like"))
    file = as_coco(rows, tmp_path / "instances.json")
    file.write_text(file.read_text().replace('"width": 32', '"width": 64', 1))
    with pytest.raises(AnnotationError, match="written for an image of 64x32 pixels"):
        planned(images, file)
    assert planned(images, file, on_bad="skip").dropped.height == 1


def test_sizes_need_parts_that_are_alike(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path)
    made = planned(images, in_lines(rows, tmp_path / "m.jsonl"), sizes=(6,))
    assert made.attacked_at() == [(6, 6)]
    next(row for row in rows if row["part"] == "B")["part"] = "shared"
    with pytest.raises(RequestError, match="--sizes: A and B, as the images come, differ"):
        planned(images, in_lines(rows, tmp_path / "unlike.jsonl"), sizes=(6,))
    audit = write(planned(images, in_lines(rows, tmp_path / "unlike.jsonl")), tmp_path / "unlike")
    assert whole_size(audit) == 14


def test_why_an_image_of_e_is_in_no_part(images: Path, tmp_path: Path) -> None:
    rows = with_parts(images, tmp_path)
    lost = [row for row in rows if row["part"] == "E"][:1]
    lost[0]["boxes"] = []
    asked = planned(images, in_lines(rows, tmp_path / "m.jsonl"))
    assert (lost[0]["path"], "no boxes") in asked.dropped.rows()


def test_images_that_the_index_counts_and_no_class_folder_holds(images: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    (tmp_path / "tree").mkdir()
    images.rename(tmp_path / "tree/images")
    for name, numbers in {"bbox_A": [0, 20], "bbox_B": [1, 21], "public": [2, 3, 22]}.items():
        np.save(index / f"{name}.npy", numbers)
    assert planned(tmp_path / "tree", index, k=1, crop="corner").parts.height == 7
    preview = tmp_path / "tree/Annotation/class0/preview.png"
    preview.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "tree/images/class0/0000.png", preview)
    with pytest.raises(
        AnnotationError, match=r"count Annotation/class0/preview.png, which is not among the images"
    ):
        planned(tmp_path / "tree", index, k=1, crop="corner")
