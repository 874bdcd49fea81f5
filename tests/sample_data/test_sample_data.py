import csv
import importlib.util
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from defusedxml import ElementTree
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "sample_data"
SOURCE = Path("/usr/share/datasets/fashion-mnist")
MEGABYTE = 1_000_000
Box = tuple[int, int, int, int]


class Annotation(NamedTuple):
    folder: str
    filename: str
    size: tuple[int, int]
    names: list[str | None]
    box: Box


@pytest.fixture(scope="module")
def paths() -> list[Path]:
    return sorted((SAMPLE / "images").glob("*/*.png"))


@pytest.fixture(scope="module")
def annotations(paths: list[Path]) -> dict[Path, Annotation]:
    found = {}
    for path in paths:
        root = ElementTree.parse(SAMPLE / "Annotation" / path.parent.name / f"{path.stem}.xml").getroot()
        assert root is not None
        width, height = (int(root.findtext(f"size/{key}", "missing")) for key in ("width", "height"))
        corners = ("xmin", "ymin", "xmax", "ymax")
        x0, y0, x1, y1 = (int(root.findtext(f"object/bndbox/{key}", "missing")) for key in corners)
        names = [name.text for name in root.findall("object/name")]
        found[path] = Annotation(
            root.findtext("folder", ""), root.findtext("filename", ""), (width, height), names, (x0, y0, x1, y1)
        )
    return found


@pytest.fixture(scope="module")
def backgrounds() -> dict[str, str]:
    with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["background"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sample_data_make", SAMPLE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_classes_are_equally_large_and_ids_unique(paths: list[Path], make: ModuleType) -> None:
    assert Counter(path.parent.name for path in paths) == dict.fromkeys(make.CLASSES, make.PER_CLASS)
    assert len({path.stem for path in paths}) == len(paths)


def test_ids_are_spread_evenly_over_the_classes(paths: list[Path], make: ModuleType) -> None:
    middle = len(paths) / 2
    for name in make.CLASSES:
        low = sum(int(path.stem) < middle for path in paths if path.parent.name == name)
        assert abs(low / make.PER_CLASS - 0.5) < 0.1


def test_every_image_has_one_annotation_that_fits_it(annotations: dict[Path, Annotation]) -> None:
    files = sorted((SAMPLE / "Annotation").glob("*/*.xml"))
    assert [(file.parent.name, file.stem) for file in files] == [(p.parent.name, p.stem) for p in annotations]
    for path, annotation in annotations.items():
        with Image.open(path) as image:
            assert (image.mode, image.format) == ("RGB", "PNG")
            assert annotation.size == image.size
        assert (annotation.folder, annotation.filename) == (path.parent.name, path.stem)
        assert annotation.names == [path.parent.name]
        x0, y0, x1, y1 = annotation.box
        assert 0 <= x0 < x1 <= annotation.size[0]
        assert 0 <= y0 < y1 <= annotation.size[1]


def test_every_crop_outside_the_box_is_wide_enough_to_be_attacked(annotations: dict[Path, Annotation]) -> None:
    for annotation in annotations.values():
        x0, y0, x1, y1 = annotation.box
        width, height = annotation.size
        assert max(x0, y0, width - x1, height - y1) >= 0.2 * min(width, height)


def test_the_box_holds_the_object(annotations: dict[Path, Annotation]) -> None:
    livelier = 0
    for path, annotation in annotations.items():
        x0, y0, x1, y1 = annotation.box
        with Image.open(path) as image:
            gray = np.asarray(image.convert("L")).astype(float)
        inside = np.zeros(gray.shape, bool)
        inside[y0:y1, x0:x1] = True
        livelier += bool(gray[inside].std() > gray[~inside].std())
    assert livelier > 0.9 * len(annotations)


def test_the_truth_names_every_image_once(paths: list[Path], backgrounds: dict[str, str]) -> None:
    lines = (SAMPLE / "truth.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "path,background"
    assert sorted(line.split(",")[0] for line in lines[1:]) == [f"{p.parent.name}/{p.name}" for p in paths]
    assert set(backgrounds.values()) == {"random", "telling"}


def test_about_one_background_in_twenty_is_telling_in_every_class(backgrounds: dict[str, str]) -> None:
    totals = Counter(path.split("/")[0] for path in backgrounds)
    telling = Counter(path.split("/")[0] for path, sort in backgrounds.items() if sort == "telling")
    assert totals.keys() == telling.keys()
    for name, total in totals.items():
        assert 0.04 <= telling[name] / total <= 0.06


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) <= 15 * MEGABYTE


def test_the_split_leaves_enough_images_for_the_public_part(make: ModuleType) -> None:
    asked = tomllib.loads((SAMPLE / "split.toml").read_text(encoding="utf-8"))
    left = make.PER_CLASS - 2 * asked["per_class"] - asked["external"] - asked["validation"]
    assert asked["crop"] == "largest"
    assert len(make.CLASSES) * left >= 2000 > asked["k"]


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"Debian's package dataset-fashion-mnist is not in {SOURCE}")
def test_the_script_remakes_committed_images(make: ModuleType, backgrounds: dict[str, str]) -> None:
    things = make.read_idx(SOURCE / "train-images-idx3-ubyte.gz")
    plans = make.plans(make.read_idx(SOURCE / "train-labels-idx1-ubyte.gz"))
    for plan in plans[::97]:
        name = make.CLASSES[plan.label]
        made = make.picture(plan, things[plan.source_index])
        with Image.open(SAMPLE / "images" / name / f"{plan.image_id}.png") as image:
            np.testing.assert_array_equal(np.asarray(image), made.pixels)
        written = (SAMPLE / "Annotation" / name / f"{plan.image_id}.xml").read_text(encoding="utf-8")
        assert written == make.annotation(plan, made.box)
        assert backgrounds[f"{name}/{plan.image_id}.png"] == plan.background


def test_neither_box_nor_object_colour_depends_on_the_class(make: ModuleType) -> None:
    rng = np.random.default_rng(0)
    thing = rng.integers(0, 256, (28, 28), dtype=np.uint8)
    made = [make.picture(make.Plan("00007", label, 0, "random"), thing) for label in range(len(make.CLASSES))]
    for other in made[1:]:
        assert other.box == made[0].box
        np.testing.assert_array_equal(other.pixels, made[0].pixels)
