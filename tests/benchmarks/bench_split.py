"""Splitting sets of ImageNet's size: reading a tree of JPEGs with VOC files, and all that follows for 1.3 million
images; run with `make bench`.
"""

import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.images.boxes import Box
from dejavu_tui.images.crops import largest_crop, stripes_crop
from dejavu_tui.images.voc import parse_voc
from dejavu_tui.records import never, silent
from dejavu_tui.workflows.split import plan, reading_folder, settings_for, write
from tests.benchmarks.imagenet import make_tree

IMAGES, CLASSES = 20_000, 100
GEOMETRY = 100_000
IMAGENET = 1_300_000


@pytest.mark.bench
@pytest.mark.parametrize("check", ["headers", "pixels"])
def test_reading_a_tree(tmp_path: Path, check: str) -> None:
    source = make_tree(tmp_path / "train", images=IMAGES, classes=CLASSES)
    settings = settings_for(source, k=10, per_class=20, check=check)
    began = time.perf_counter()
    planned = plan(source, settings, kept=reading_folder(tmp_path / "audit"), progress=silent, stop=never)
    read = time.perf_counter() - began
    write(planned, tmp_path / "audit")
    print(f"\n{IMAGES:,} JPEGs with VOC files, --check {check}: {IMAGES / read:,.0f} a second")
    assert planned.catalogue.images.height == IMAGES


def _boxes_in(files: list[Path]) -> int:
    return sum(len(parse_voc(file).boxes) for file in files)


@pytest.mark.bench
def test_parsing_voc_files(tmp_path: Path) -> None:
    """On two processes, each file opened, parsed and checked."""
    source = make_tree(tmp_path / "train", images=IMAGES, classes=CLASSES)
    files = sorted((source / "Annotation").rglob("*.xml"))
    chunks = [files[start : start + 256] for start in range(0, len(files), 256)]
    with ProcessPoolExecutor(2) as pool:
        sum(pool.map(_boxes_in, chunks[:4]))  # both are there
        began = time.perf_counter()
        boxes = sum(pool.map(_boxes_in, chunks))
        took = time.perf_counter() - began
    print(f"\n{len(files):,} VOC files with {boxes:,} boxes on 2 processes: {len(files) / took:,.0f} a second")
    assert boxes >= len(files)


@pytest.mark.bench
def test_geometry() -> None:
    """Images of 500 x 375 with one to five boxes."""
    rng = np.random.default_rng(0)
    scenes = [[_box(rng) for _ in range(rng.integers(1, 6))] for _ in range(GEOMETRY)]
    began = time.perf_counter()
    largest = [largest_crop(boxes, width=500, height=375) for boxes in scenes]
    took = time.perf_counter() - began
    stripes = [stripes_crop(boxes, width=500, height=375) for boxes in scenes]
    both = [(a, b) for a, b in zip(largest, stripes, strict=True) if a and b]
    gains = np.array([min(a.width, a.height) / min(b.width, b.height) for a, b in both])
    seconds = took / GEOMETRY * 500_000
    print(f"\nlargest crop: {took / GEOMETRY * 1e6:.0f} us an image, {seconds:.0f} s for 500,000 on one core")
    print(f"  beats stripes in {np.mean(gains > 1):.0%}, by {np.median(gains[gains > 1]) - 1:.0%} in the median")
    assert seconds < 30


def _box(rng: np.random.Generator) -> Box:
    x0, y0 = int(rng.integers(0, 490)), int(rng.integers(0, 365))
    return Box(x0, y0, int(rng.integers(x0 + 5, 501)), int(rng.integers(y0 + 5, 376)))


_WHOLE = """
import sys, time
from pathlib import Path
from tests.benchmarks.imagenet import pretend
from dejavu_tui.workflows.split import plan, settings_for, write
images, out = int(sys.argv[1]), Path(sys.argv[2])
pretend(images)
source = out.parent / "nowhere"
source.mkdir()
settings = settings_for(source, layout="imagefolder", k=100, per_class=300)
began = time.perf_counter()
write(plan(source, settings), out)
status = Path("/proc/self/status").read_text()
print(time.perf_counter() - began, status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.bench
@pytest.mark.large
def test_all_that_follows_for_a_whole_imagenet(tmp_path: Path) -> None:
    words = [sys.executable, "-c", _WHOLE, str(IMAGENET), str(tmp_path / "audit")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    took, peak = done.stdout.split()
    print(f"\n{IMAGENET:,} images, all but reading them: {float(took):.0f} s, {int(peak) / 2**20:.2f} GiB")
    assert float(took) < 120
    assert int(peak) < 2 * 2**20
