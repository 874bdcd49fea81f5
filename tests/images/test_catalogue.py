import hashlib
import os
import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from dejavu_tui.errors import AnnotationError, ImageError, RequestError, StoppedError
from dejavu_tui.images import seen
from dejavu_tui.images.alike import NEAR
from dejavu_tui.images.catalogue import Catalogue, scan
from dejavu_tui.images.decoders import Decoders, open_decoders
from dejavu_tui.images.inspecting import Inspected, inspect
from dejavu_tui.images.layouts import imagefolder
from dejavu_tui.records import Step
from tests.data.folders import build_folder, voc


def skipping(root: Path, *, drop_past_right: bool = False) -> Catalogue:
    listing = imagefolder.read(root, annotations=None)
    return scan(listing, on_bad="skip", copies="drop", drop_past_right=drop_past_right)


def refusing(root: Path) -> Catalogue:
    return scan(imagefolder.read(root, annotations=None), on_bad="refuse")


def test_every_image_with_label_size_boxes_and_hash(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=2, per_class=2)
    Image.new("RGB", (40, 20)).save(root / "images/class1/0003.png")
    (root / "Annotation/class1/0003.xml").write_text(voc((1, 2, 3, 4), (0, 0, 40, 5), width=40, height=20))
    got = refusing(root)
    assert got.images["image_id"].to_list() == [0, 1, 2, 3]
    assert got.images["label"].to_list() == [0, 0, 1, 1]
    assert got.images.row(3) == (3, "images/class1/0003.png", 1, "class1", 40, 20)
    assert got.boxes.filter(pl.col("image_id") == 3).rows() == [(3, 0, 0, 40, 5), (3, 1, 2, 3, 4)]
    for path, image_id in got.images.select("path", "image_id").rows():
        assert got.hashes.row(image_id) == (image_id, hashlib.sha256((root / path).read_bytes()).digest())
    assert got.dropped.is_empty()


@pytest.fixture
def with_copies(tmp_path: Path) -> Path:
    root = build_folder(tmp_path / "d", classes=2, per_class=3)
    shutil.copy(root / "images/class0/0001.png", root / "images/class1/copy.png")
    os.link(root / "images/class1/0004.png", root / "images/class0/0000a.png")
    return root


def test_copies_end_the_scan_and_all_are_listed(with_copies: Path) -> None:
    with pytest.raises(ImageError) as caught:
        refusing(with_copies)
    message = str(caught.value)
    assert message.startswith(f"{with_copies}/images/class1/0004.png: has the same bytes as images/class0/0000a")
    assert "(and 1 more copies)" in message
    assert "--copies drop" in message
    assert caught.value.listed == (
        f"{with_copies}/images/class1/0004.png: has the same bytes as images/class0/0000a.png, of another class",
        f"{with_copies}/images/class1/copy.png: has the same bytes as images/class0/0001.png, of another class",
    )


def test_of_copies_the_first_path_is_kept_or_all(with_copies: Path) -> None:
    listing = imagefolder.read(with_copies, annotations=None)
    got = scan(listing, on_bad="refuse", copies="drop")
    assert got.dropped.rows() == [
        ("images/class1/0004.png", "same bytes as images/class0/0000a.png, of another class"),
        ("images/class1/copy.png", "same bytes as images/class0/0001.png, of another class"),
    ]
    assert got.images.height == 6
    assert got.hashes["sha256"].n_unique() == 6
    assert got.copies.is_empty()
    kept = scan(listing, on_bad="refuse", copies="keep")
    assert kept.images.height == 8
    assert kept.dropped.is_empty()
    assert kept.copies.rows() == [(5, 1, None), (7, 2, None)]


@pytest.fixture
def saved_anew(tmp_path: Path) -> Path:
    """Images of which two show what images of other classes show: one as a JPEG file, one in twice the size."""
    root = build_folder(tmp_path / "d", classes=2, per_class=3, boxes=False)
    first = Image.open(root / "images/class0/0001.png")
    first.save(root / "images/class1/again.jpg", quality=95)
    other = Image.open(root / "images/class1/0004.png")
    other.resize((64, 64), Image.Resampling.BICUBIC).save(root / "images/class0/0002a.png")
    return root


def test_the_same_picture_ends_the_scan_whatever_its_file(saved_anew: Path) -> None:
    with pytest.raises(ImageError, match="has the same picture as") as caught:
        refusing(saved_anew)
    assert caught.value.listed == (
        f"{saved_anew}/images/class1/0004.png: has the same picture as images/class0/0002a.png, of another class",
        f"{saved_anew}/images/class1/again.jpg: has the same picture as images/class0/0001.png, of another class",
    )


def test_a_copy_with_a_label_is_kept_before_one_without(with_copies: Path) -> None:
    listing = imagefolder.read(with_copies, annotations=None)
    nameless = pl.col("path") == "images/class0/0001.png"
    images = listing.images.with_columns(label_name=pl.when(~nameless).then("label_name"))
    got = scan(replace(listing, images=images), on_bad="refuse", copies="drop")
    assert got.dropped.rows() == [
        ("images/class0/0001.png", "same bytes as images/class1/copy.png"),
        ("images/class1/0004.png", "same bytes as images/class0/0000a.png, of another class"),
    ]


def test_the_same_picture_is_dropped_or_kept_and_recorded(saved_anew: Path) -> None:
    listing = imagefolder.read(saved_anew, annotations=None)
    dropped = scan(listing, on_bad="refuse", copies="drop")
    assert dropped.dropped.rows() == [
        ("images/class1/0004.png", "same picture as images/class0/0002a.png, of another class"),
        ("images/class1/again.jpg", "same picture as images/class0/0001.png, of another class"),
    ]
    assert dropped.copies.is_empty()
    kept = scan(listing, on_bad="refuse", copies="keep")
    assert kept.images.height == kept.compared == 8
    assert [row[:2] for row in kept.copies.iter_rows()] == [(5, 3), (7, 1)]
    assert all(0 <= bits <= NEAR for bits in kept.copies["bits"])


def test_headers_alone_tell_nothing_of_pictures(saved_anew: Path) -> None:
    got = scan(imagefolder.read(saved_anew, annotations=None), on_bad="refuse", pixels=False)
    assert got.images.height == 8
    assert got.compared == 0


def test_plain_pictures_are_not_compared_and_counted(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=1, per_class=3, boxes=False)
    for shade in (0, 1):
        Image.new("RGB", (32, 32), (shade, 0, 0)).save(root / f"images/class0/plain{shade}.png")
    got = refusing(root)
    assert (got.images.height, got.compared) == (5, 3)


def spoil(root: Path) -> dict[str, str]:
    """Make five bad images; return path -> a word of the reason."""
    images, annotations = root / "images/class0", root / "Annotation/class0"
    whole = (images / "0001.png").read_bytes()
    (images / "0000.png").write_bytes(b"")
    (images / "0001.png").write_bytes(whole[: len(whole) // 2])
    (annotations / "0002.xml").write_text("<annotation>")
    (annotations / "0003.xml").write_text(voc((32, 0, 40, 5)))
    (images / "0004.png").unlink()
    os.mkfifo(images / "0004.png")
    words = ("empty", "decoded", "well-formed", "outside", "regular file")
    return {f"images/class0/{n:04d}.png": word for n, word in enumerate(words)}


def test_bad_files_end_the_scan_naming_the_first_and_counting_the_others(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=2, per_class=8)
    spoil(root)
    with pytest.raises(ImageError) as caught:
        refusing(root)
    message = str(caught.value)
    assert message.startswith(f"{root}/images/class0/0000.png: is an empty file (and 4 more bad files); ")
    assert "--on-bad skip" in message
    assert "\n" not in message
    assert len(caught.value.listed) == 5
    assert caught.value.listed[0] == f"{root}/images/class0/0000.png: is an empty file"


def test_a_bad_annotation_ends_the_scan_naming_its_file(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=1, per_class=3)
    (root / "Annotation/class0/0001.xml").write_text(voc((33, 0, 40, 5)))
    with pytest.raises(AnnotationError) as caught:
        refusing(root)
    assert "0001.xml: the box [33, 40) x [0, 5) lies outside the image of 32x32 pixels" in str(caught.value)
    assert "--on-bad skip" in str(caught.value)


def test_skipped_files_are_listed_with_reasons_and_the_others_kept(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=2, per_class=8)
    spoiled = spoil(root)
    got = skipping(root)
    assert got.images.height == 11
    assert got.images["image_id"].to_list() == list(range(11))
    assert got.dropped["path"].to_list() == sorted(spoiled)
    for path, reason in got.dropped.rows():
        assert spoiled[path] in reason
        assert str(tmp_path) not in reason
    assert not set(got.images["path"]) & set(spoiled)


def test_a_copy_of_a_skipped_image_takes_its_place(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=1, per_class=3)
    shutil.copy(root / "images/class0/0000.png", root / "images/class0/copy.png")
    (root / "Annotation/class0/0000.xml").write_text("no xml")
    got = skipping(root)
    assert "images/class0/copy.png" in got.images["path"].to_list()
    assert got.dropped["path"].to_list() == ["images/class0/0000.png"]


def test_the_rule_of_stripes_drops_boxes_past_the_right_edge_only(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=1, per_class=3)
    (root / "Annotation/class0/0001.xml").write_text(voc((0, 0, 33, 5)))
    got = scan(imagefolder.read(root, annotations=None), on_bad="refuse", drop_past_right=True)
    assert got.dropped.rows() == [("images/class0/0001.png", "a box reaches past the right edge")]
    assert got.clipped == 0
    (root / "Annotation/class0/0001.xml").write_text(voc((0, 0, 5, 33)))
    got = scan(imagefolder.read(root, annotations=None), on_bad="refuse", drop_past_right=True)
    assert got.dropped.is_empty()
    assert got.boxes.row(1) == (1, 0, 0, 5, 32)
    assert got.clipped == 1


def test_nothing_usable_is_an_error(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "d", classes=1, per_class=1)
    (root / "images/class0/0000.png").write_bytes(b"")
    with pytest.raises(RequestError, match="no usable image"):
        skipping(root)


def test_tells_progress_and_stops_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_CHUNK", 4)
    listing = imagefolder.read(build_folder(tmp_path / "d", classes=1, per_class=10), annotations=None)
    steps: list[Step] = []
    whole = scan(listing, on_bad="refuse", progress=steps.append)
    read = [(step.done, step.total) for step in steps if step.stage == "read images"]
    assert read == [(4, 10), (8, 10), (10, 10)]
    assert whole.images.height == 10
    steps.clear()
    with pytest.raises(StoppedError):
        scan(listing, on_bad="refuse", progress=steps.append, stop=lambda: len(steps) == 2)
    assert len(steps) == 2


@pytest.mark.parametrize("pixels", [True, False])
def test_processes_see_what_this_one_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pixels: bool) -> None:
    root = build_folder(tmp_path / "d", classes=3, per_class=11, boxless=2)
    spoil(root)
    (root / "Annotation/class1/0014.xml").write_text(voc((0, 0, 33, 40)))
    monkeypatch.setattr(seen, "_CHUNK", 5)
    listing = imagefolder.read(root, annotations=None)
    here = scan(listing, on_bad="skip", pixels=pixels)
    started: list[int] = []

    def noting() -> AbstractContextManager[Decoders]:
        started.append(1)
        return open_decoders(2)

    monkeypatch.setattr(seen, "MANY", 1)
    monkeypatch.setattr(seen, "CORES", 2)
    monkeypatch.setattr(seen, "open_decoders", noting)
    there = scan(listing, on_bad="skip", pixels=pixels)
    assert started
    for table in ("images", "boxes", "dropped", "hashes", "given"):
        assert getattr(here, table).equals(getattr(there, table)), table
    assert here.clipped == there.clipped == 1


def test_what_was_seen_before_a_stop_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MANY", 1)
    monkeypatch.setattr(seen, "CORES", 1)
    monkeypatch.setattr(seen, "_GROUP", 4)
    monkeypatch.setattr(seen, "_CHUNK", 4)
    root, kept = build_folder(tmp_path / "d", classes=1, per_class=10), tmp_path / ".kept"
    (root / "images/class0/0009.png").write_bytes(b"")
    listing = imagefolder.read(root, annotations=None)
    read: list[str] = []

    def noting(path: Path, *words: object, **named: object) -> Inspected:
        read.append(path.name)
        return inspect(path, *words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(seen, "inspect", noting)
    steps: list[Step] = []
    with pytest.raises(StoppedError):
        scan(listing, on_bad="skip", kept=kept, progress=steps.append, stop=lambda: len(steps) == 2)
    read.clear()
    whole = scan(listing, on_bad="skip", kept=kept, progress=steps.append)
    assert sorted(read) == ["0008.png", "0009.png"]
    assert Step("read images", 10, 10) in steps
    read.clear()
    again = scan(listing, on_bad="skip", kept=kept)
    assert not read
    for table in ("images", "boxes", "dropped", "hashes"):
        assert getattr(again, table).equals(getattr(whole, table))
    scan(listing, on_bad="skip", kept=kept, pixels=False)
    assert len(read) == 10, "another check sees them anew"
    read.clear()
    shutil.copy(root / "images/class0/0001.png", root / "images/class0/0000.png")
    changed = scan(listing, on_bad="skip", copies="drop", kept=kept)
    assert sorted(read) == ["0000.png", "0001.png", "0002.png", "0003.png"]
    assert changed.dropped["path"].to_list() == ["images/class0/0001.png", "images/class0/0009.png"]
    read.clear()
    for file in kept.rglob("seen.parquet"):
        file.write_bytes(file.read_bytes()[:-1])
    assert scan(listing, on_bad="skip", copies="drop", kept=kept).images.equals(changed.images)
    assert len(read) == 10, "what is damaged is seen anew"
