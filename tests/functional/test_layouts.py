"""An audit of each layout from its files to the contact sheet, and one clear line where the files are broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.commands.test_score import dejavu
from tests.data.folders import build_folder, voc

CLASSES, PER_CLASS = 3, 12
ALL = CLASSES * PER_CLASS
OPTIONS = ("--k", "3", "--per-class", "2")


def paths(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))


def imagefolder(folder: Path) -> list[str]:
    assert (folder / "pictures/Annotation").is_dir()
    return ["split", "pictures", *OPTIONS]


def coco(folder: Path) -> list[str]:
    images = folder / "pictures/images"
    told = {
        "images": [{"id": n, "file_name": name, "width": 32, "height": 32} for n, name in enumerate(paths(images))],
        "annotations": [{"image_id": n, "category_id": n // PER_CLASS, "bbox": [2, 2, 14, 28]} for n in range(ALL)],
        "categories": [{"id": n, "name": f"class{n}"} for n in range(CLASSES)],
    }
    (folder / "instances.json").write_text(json.dumps(told))
    return ["split", "pictures/images", "--annotations", "instances.json", *OPTIONS]


def manifest(folder: Path) -> list[str]:
    images = folder / "pictures/images"
    lines = [f"{name},{name.split('/')[0]},2,2,16,30" for name in paths(images)]
    (images / "labels.csv").write_text("path,label,x0,y0,x1,y1\n" + "\n".join(lines) + "\n")
    return ["split", "pictures/images/labels.csv", *OPTIONS]


def partition(folder: Path) -> list[str]:
    (folder / "index").mkdir()
    for name, indices in {"bbox_A": [0, 12, 24], "bbox_B": [1, 13, 25], "public": [*range(2, 12), 14, 26]}.items():
        np.save(folder / f"index/{name}.npy", indices)
    return ["split", "pictures/images", "--annotations", "index", "--k", "3"]


def xml_cut(folder: Path) -> None:
    path = folder / "pictures/Annotation/class1/0015.xml"
    path.write_text(voc((0, 0, 5, 5))[:60])


def json_cut(folder: Path) -> None:
    path = folder / "instances.json"
    path.write_text(path.read_text()[:-20])


def label_gone(folder: Path) -> None:
    path = folder / "pictures/images/labels.csv"
    path.write_text(path.read_text().replace("path,label", "path,lable"))


def index_beyond(folder: Path) -> None:
    np.save(folder / "index/bbox_B.npy", [1, 13, ALL])


LAYOUTS = {"imagefolder": imagefolder, "coco": coco, "manifest": manifest, "partition": partition}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_from_the_files_to_a_contact_sheet(tmp_path: Path, layout: str) -> None:
    build_folder(tmp_path / "pictures", classes=CLASSES, per_class=PER_CLASS)
    words = LAYOUTS[layout](tmp_path)
    counted = dejavu(*words, "--out", "audit", "--dry-run", cwd=tmp_path)
    assert (counted.returncode, counted.stdout) == (0, ""), counted.stderr
    assert not (tmp_path / "audit").exists()
    done = dejavu(*words, "--out", "audit", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"layout: {layout}\n" in done.stderr
    attacked = 3 if layout == "partition" else 6
    assert (
        f"     A  {attacked} images, {attacked // CLASSES} of each class; {attacked} of them attacked"
        in done.stderr
    )
    again = dejavu(*words, "--out", "audit", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    sheet = dejavu("crops", "audit", "-o", "sheet.png", cwd=tmp_path)
    assert (sheet.returncode, sheet.stdout) == (0, "sheet.png\n"), sheet.stderr


@pytest.mark.parametrize(
    ("layout", "broken", "said"),
    [
        ("imagefolder", xml_cut, "pictures/Annotation/class1/0015.xml, line 3: is not well-formed XML"),
        ("coco", json_cut, "instances.json: is no COCO instances file"),
        ("manifest", label_gone, "labels.csv: has a column 'lable'"),
        ("partition", index_beyond, "index/bbox_B.npy: counts other images than the 36 that are there"),
    ],
)
def test_a_broken_one_is_refused_in_one_line(
    tmp_path: Path, layout: str, broken: Callable[[Path], None], said: str
) -> None:
    build_folder(tmp_path / "pictures", classes=CLASSES, per_class=PER_CLASS)
    words = LAYOUTS[layout](tmp_path)
    broken(tmp_path)
    done = dejavu(*words, "--out", "audit", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("dejavu: error: "))
    assert said in line
    assert not (tmp_path / "audit").exists()


def test_a_layout_that_is_typed_goes_before_what_is_recognised(tmp_path: Path) -> None:
    build_folder(tmp_path / "pictures", classes=CLASSES, per_class=PER_CLASS)
    shutil.move(tmp_path / "pictures/Annotation", tmp_path / "elsewhere")
    manifest(tmp_path)
    (tmp_path / "pictures/images/labels.csv").rename(tmp_path / "pictures/images/manifest.csv")
    for words, layout in (((), "manifest"), (("--layout", "imagefolder", "--crop", "corner"), "imagefolder")):
        done = dejavu("split", "pictures/images", *OPTIONS, *words, "--dry-run", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"layout: {layout}\n" in done.stderr
    done = dejavu("split", "pictures/images", "--layout", "cocoa", "--dry-run", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'coco'" in done.stderr


def test_bad_files_and_copies_are_listed_before_the_line_that_counts_them(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "pictures", classes=CLASSES, per_class=PER_CLASS)
    for number in (1, 3):
        shutil.copy(root / "images/class0/0000.png", root / f"images/class0/copy{number}.png")
    done = dejavu("split", "pictures", *OPTIONS, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    lines = [line for line in done.stderr.splitlines() if line.startswith("dejavu: ")]
    for line, number in zip(lines, (1, 3), strict=False):
        assert line.endswith(f"images/class0/copy{number}.png: has the same bytes as images/class0/0000.png")
    assert lines[2].startswith("dejavu: error: ")
    assert "(and 1 more copies)" in lines[2]
    done = dejavu("split", "pictures", *OPTIONS, "--copies", "drop", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "dropped: 2 (same bytes as another image)" in done.stderr
