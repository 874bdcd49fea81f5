"""Which picture is meant by what was typed."""

from pathlib import Path

import pytest
from PIL import Image

from dejavu_tui.app.acts.asking import as_path, find
from dejavu_tui.errors import DejavuError, ImageError, RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.workspace import Audit


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/a/b.png", "/a/b.png"),
        ("  /a/b.png\n", "/a/b.png"),
        ("\n/a/b.png\r\n/a/c.png\n", "/a/b.png"),
        ("'/a/my b.png'", "/a/my b.png"),
        ('"/a/my b.png" ', "/a/my b.png"),
        ("/a/my\\ b.png", "/a/my b.png"),
        ("/a/my b.png", "/a/my b.png"),
        ("/a/it's.png", "/a/it's.png"),
        ("file:///a/my%20b.png\n", "/a/my b.png"),
        ("FILE://localhost/a/b.png", "/a/b.png"),
        ("17", "17"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_as_path(typed: str, meant: str) -> None:
    assert as_path(typed) == meant


def test_a_file_whose_name_has_a_backslash_is_meant_as_it_is(tmp_path: Path) -> None:
    named = tmp_path / "a\\ b.png"
    named.write_bytes(b"")
    assert as_path(str(named)) == str(named)


def test_an_image_of_the_audit_is_found_by_id_and_by_path_with_all_its_crops(planted: Audit) -> None:
    row = planted.attacked().row(0, named=True)
    by_id = find(planted, str(row["image_id"]))
    assert find(planted, str(planted.source / row["path"])) == by_id
    assert (by_id.image_id, by_id.part, by_id.label_name) == (row["image_id"], row["part"], row["label_name"])
    crops = dict(by_id.crops)
    assert crops["whole"] == Box(0, 0, by_id.width, by_id.height)
    assert crops["crop of the audit"] == Box(row["x0"], row["y0"], row["x1"], row["y1"])
    assert not crops["object"].overlaps(crops["crop of the audit"])
    assert by_id.word == str(row["image_id"])


def test_any_other_picture_is_named_by_its_whole_path(
    planted: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "x.png")
    monkeypatch.chdir(tmp_path)
    asked = find(planted, "x.png")
    assert (asked.word, asked.width, asked.height) == (str(tmp_path / "x.png"), 30, 20)
    assert (asked.image_id, asked.part, asked.label_name) == (None, None, None)
    assert "object" not in dict(asked.crops)


@pytest.mark.parametrize(
    "typed",
    ["", "nothing.png", "/dev/zero", "99999999", "a\0b", "\ud800", "x" * 5000, "-1", "~", "~nobody/x", "\x1b[2J"],
)
def test_what_names_nothing_is_refused_in_a_line(planted: Audit, typed: str) -> None:
    with pytest.raises(RequestError) as refused:
        find(planted, typed)
    assert not any(ch in str(refused.value) for ch in "\n\x1b\0\ud800")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_file_that_is_no_picture_is_refused(planted: Audit, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ImageError):
        find(planted, str(tmp_path / "x.png"))


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(planted: Audit, tmp_path: Path) -> None:
    Image.new("1", (20_000, 10_000)).save(tmp_path / "x.png")
    with pytest.raises(DejavuError, match="million"):
        find(planted, str(tmp_path / "x.png"))
