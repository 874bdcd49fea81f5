import os
import subprocess
import sys
from pathlib import Path

import pytest

from dejavu_tui.workspace import find_audit
from tests.data.folders import build_folder

DEJAVU = "from dejavu_cli.main import run; run()"


def dejavu(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DEJAVU, *words], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build_folder(tmp_path / "pictures", classes=2, per_class=16, boxless=4)
    return tmp_path


def test_makes_the_audit_beside_and_keeps_stdout_empty(folder: Path) -> None:
    done = dejavu("split", "pictures", "--k", "5", "--per-class", "3", "--dry-run", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing written" in done.stderr
    assert os.listdir(folder) == ["pictures"]
    done = dejavu("split", "pictures", "--k", "5", "--per-class", "3", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "A  8 images, 4 of each class; 6 of them attacked" in done.stderr
    assert "trained on, not attacked: 4 (no boxes)" in done.stderr
    audit = find_audit(folder / "pictures-audit")
    assert (audit.settings.k, audit.settings.per_class, audit.settings.source) == (5, 3, "pictures")
    other = dejavu("split", "pictures", "--k", "6", "--per-class", "3", cwd=folder)
    assert (other.returncode, other.stdout) == (3, "")
    assert "k: 5 here, 6 asked" in other.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pictures", "--k", "0"], 2, "setting 'k'"),
        (["pictures"], 2, "k = 100 is larger"),
        (["gone"], 2, "is no folder"),
        (["pictures", "--layout", "webdataset"], 2, "unknown layout"),
        (["pictures", "--crop", "middle"], 2, "middle"),
        *((["pictures", "--min-side", side], 2, "1% to 99%") for side in ("100%", "0", "", "x", "٣", "9" * 5000)),
        (["damaged", "--k", "5"], 3, "--on-bad skip"),
        (["pictures", "--k", "5", "--out", "pictures/a"], 2, "inside the folder of images"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(folder: Path, words: list[str], code: int, said: str) -> None:
    damaged = build_folder(folder / "damaged", classes=2, per_class=8)
    (damaged / "images/class0/0003.png").write_bytes(b"\x1b[31m")
    done = dejavu("split", *words, cwd=folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(folder)) == ["damaged", "pictures"]


def test_skipped_images_are_counted(folder: Path) -> None:
    (folder / "pictures/images/class0/0003.png").write_bytes(b"")
    done = dejavu("split", "pictures", "--k", "5", "--on-bad", "skip", cwd=folder)
    assert done.returncode == 0
    assert "dropped: 1 (bad image)" in done.stderr


def test_sizes_are_told_and_kept(folder: Path) -> None:
    done = dejavu("split", "pictures", "--k", "5", "--sizes", "3,8", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "A  10 images, 5 of each class; 8 of them attacked" in done.stderr
    assert "size  8 images each of A and B, 6 attacked" in done.stderr
    assert find_audit(folder / "pictures-audit").settings.sizes == (3, 8)
    other = dejavu("split", "pictures", "--k", "5", "--sizes", "3,9", cwd=folder)
    assert (other.returncode, other.stdout) == (3, "")
    for typed, said in (("8,3", "sizes must rise"), ("some", "whole numbers"), ("3,1000", "--sizes")):
        done = dejavu("split", "pictures", "--k", "5", "--sizes", typed, "--out", "other", cwd=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_what_is_no_fault_and_yet_spoils_an_audit_is_told(folder: Path) -> None:
    done = dejavu("split", "pictures", "--k", "8", "--per-class", "3", "--dry-run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "caution: " not in done.stderr
    words = ("--k", "10", "--per-class", "3", "--crop", "corner", "--dry-run")
    done = dejavu("split", "pictures/images", *words, cwd=folder)
    assert [line.split(":")[0] for line in done.stderr.splitlines()].count("caution") == 1
    (folder / "pictures/images").rename(folder / "pictures/all")
    done = dejavu("split", "pictures", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "caution: all images are of one class" in done.stderr


def test_classes_of_unequal_size_are_counted_one_by_one(folder: Path) -> None:
    build_folder(folder / "more", classes=25, per_class=6, boxes=False)
    for number in (0, 1):
        (folder / f"more/images/class3/{18 + number:04d}.png").unlink()
    done = dejavu("split", "more", "--k", "5", "--crop", "corner", "--per-class", "1", "--dry-run", cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("  class ")]
    assert len(lines) == 20
    assert "  class class3: A 1, B 1, X 2" in lines
    assert lines[0] == "  class class0: A 1, B 1, X 4"
    assert "  and 5 more classes" in done.stderr
