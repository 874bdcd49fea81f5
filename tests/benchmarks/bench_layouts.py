"""An audit of each layout over one tree of 100,000 small JPEGs with VOC files, from the split to the score; run
with `make bench-large`.
"""

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dejavu_tui.workspace import Audit
from tests.benchmarks.imagenet import HEIGHT, WIDTH, make_tree

BIN = Path(sys.executable).parent
IMAGES, CLASSES, PER_CLASS = 100_000, 100, 20
ATTACKED = str(PER_CLASS)
TRAINING = ("--method", "simclr", "--epochs", "3", "--snapshots", "3")
PARTS = {"bbox_A": "A", "bbox_B": "B", "public": "X"}


def dejavu(*words: str | Path) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.perf_counter()
    done = subprocess.run([str(BIN / "dejavu"), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done, time.perf_counter() - began


def described(audit: Audit, folder: Path) -> tuple[str, ...]:
    """Write what `audit` of an ImageFolder holds as the other layouts do, into `folder`; return the names."""
    images = audit.images
    rows = images.join(audit.boxes, on="image_id", how="left")
    manifest = rows.select("path", pl.col("label_name").alias("label"), "x0", "y0", "x1", "y1")
    manifest.write_csv(folder / "manifest.csv")
    objects = [
        {"image_id": image_id, "category_id": label, "bbox": [x0, y0, x1 - x0, y1 - y0]}
        for image_id, label, x0, y0, x1, y1 in rows.select("image_id", "label", "x0", "y0", "x1", "y1").iter_rows()
    ]
    files = [
        {"id": image_id, "file_name": path, "width": WIDTH, "height": HEIGHT}
        for image_id, path in images.select("image_id", "path").iter_rows()
    ]
    names = [{"id": label, "name": name} for label, name in audit.class_names.iter_rows()]
    told = {"images": files, "annotations": objects, "categories": names}
    (folder / "instances.json").write_text(json.dumps(told))
    (folder / "index").mkdir()
    for name, part in PARTS.items():
        # torchvision counts class by class and name by name, which here is the order of the image ids
        np.save(folder / "index" / f"{name}.npy", audit.parts.filter(part=part)["image_id"].to_numpy())
    return ("instances.json", "manifest.csv", "index")


@pytest.mark.bench
@pytest.mark.large
def test_an_audit_of_each_layout(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "train", images=IMAGES, classes=CLASSES)
    plain = tmp_path / "imagefolder"
    _, took = dejavu("split", tree / "images", "--out", plain, "--per-class", ATTACKED)
    print(f"\n{IMAGES:,} JPEGs with VOC files\n  imagefolder: split {took:.0f} s")
    first = Audit(plain)
    told = described(first, tmp_path)
    for name in told:
        out = tmp_path / f"audit-{name}"
        sizes = () if name == "index" else ("--per-class", ATTACKED)
        _, took = dejavu("split", tree / "images", "--out", out, "--annotations", tmp_path / name, *sizes)
        audit = Audit(out)
        print(f"  {audit.settings.layout}: split {took:.0f} s")
        for table in ("images", "boxes", "parts", "crops", "hashes"):
            assert getattr(audit, table).equals(getattr(first, table)), (name, table)
    scores = {}
    for name in ("imagefolder", *(f"audit-{name}" for name in told)):
        _, trained = dejavu("train", tmp_path / name, *TRAINING)
        done, scored = dejavu("score", tmp_path / name, "--top", "20,100")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        scores[name] = [(row["n"], row["dejavu_score"], row["accuracy_target"]) for row in rows]
        print(f"  {name}: trained {trained:.0f} s, scored {scored:.0f} s: {scores[name]}")
    assert len(set(map(str, scores.values()))) == 1
    assert scores["imagefolder"][0][0] == str(2 * CLASSES * PER_CLASS)
