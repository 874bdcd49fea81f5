"""Names in a file against the files that are there."""

import os
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import AnnotationError
from dejavu_tui.images.named import find_named


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name in ("a.png", "deep/b.JPG", "blob", "left.png", "notes.txt", ".hidden.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (tmp_path / "secret.png").write_bytes(b"x")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.png")
    (folder / "list.csv").write_text("path")
    return folder


def look(root: Path, *paths: str) -> tuple[list[str], dict[str, str], int]:
    named = pl.DataFrame({"path": paths, "label": range(len(paths))}, {"path": pl.String, "label": pl.Int64})
    got = find_named(root, named, by=root / "list.csv")
    assert got.there.columns == ["path", "label"]
    return got.there["path"].to_list(), dict(got.refused), got.ignored


def test_regular_files_count_whatever_their_name(root: Path) -> None:
    there, refused, ignored = look(root, "deep/b.JPG", "a.png", "blob")
    assert there == ["deep/b.JPG", "a.png", "blob"]
    assert refused == {}
    assert ignored == 6  # left.png, notes.txt, .hidden.png, and the links and the pipe that nobody names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.png", "not there"),
        ("deep", "not a regular file"),
        ("a.png/b.png", "not there"),
        ("link.png", "is a link"),
        ("linked/secret.png", "is a link"),
        ("pipe.png", "not a regular file"),
        ("../secret.png", "no plain path"),
        ("deep/../a.png", "no plain path"),
        ("./a.png", "no plain path"),
        ("deep//b.JPG", "no plain path"),
        ("/etc/passwd", "no plain path"),
        ("", "no plain path"),
        ("a\0.png", "no plain path"),
    ],
)
def test_no_name_leads_elsewhere(root: Path, name: str, said: str) -> None:
    there, refused, _ = look(root, name, "a.png")
    assert there == ["a.png"]
    assert said in refused[name]


def test_if_none_of_the_names_is_there_the_file_is_refused(root: Path) -> None:
    with pytest.raises(AnnotationError, match=r"list.csv: none of the 2 images .* photos/a.png, is named"):
        look(root, "photos/a.png", "photos/deep/b.JPG")
