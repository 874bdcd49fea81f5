"""Manifests: three kinds of files, what they may say, and what is refused."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.layouts import manifest, recognise

Rows = list[dict[str, Any]]
ROWS: Rows = [
    {"path": "b/2.png", "label": "bee", "part": "A", "x0": 1, "y0": 2, "x1": 3, "y1": 4},
    {"path": "a/1.png", "label": "ant", "part": "X", "x0": None, "y0": None, "x1": None, "y1": None},
    {"path": "b/2.png", "label": "bee", "part": "A", "x0": 5.5, "y0": 6, "x1": 7.5, "y1": 8},
]
BOXES: Rows = [
    {"path": "a/1.png", "label": "ant", "part": "X", "boxes": []},
    {"path": "b/2.png", "label": "bee", "part": "A", "boxes": [[1, 2, 3, 4], [5.5, 6, 7.5, 8]]},
]


def build(root: Path, rows: Rows, *, suffix: str = ".jsonl") -> Path:
    """Make `root/photos` with the images of `rows` and a manifest in it; return the folder."""
    photos = root / "photos"
    for row in rows:
        place = photos / str(row.get("path") or "none.png")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")
    file = photos / f"manifest{suffix}"
    if suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif suffix == ".csv":
        flat = [{key: json.dumps(v) if isinstance(v, list) else v for key, v in row.items()} for row in rows]
        pl.DataFrame(flat, infer_schema_length=None).write_csv(file)
    else:
        pl.DataFrame(rows, infer_schema_length=None, strict=False).write_parquet(file)
    return photos


@pytest.mark.parametrize("rows", [ROWS, BOXES], ids=["a row for each box", "a list of boxes"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_all_kinds_say_the_same(tmp_path: Path, rows: Rows, suffix: str) -> None:
    photos = build(tmp_path, rows, suffix=suffix)
    assert recognise(photos, annotations=None) == "manifest"
    listing = manifest.read(photos, annotations=None)
    assert listing.root == photos
    assert listing.annotations == photos / f"manifest{suffix}"
    assert listing.images.select("path", "label_name", "part").rows() == [
        ("a/1.png", "ant", "X"),
        ("b/2.png", "bee", "A"),
    ]
    assert listing.boxes.rows() == [("b/2.png", 1, 2, 3, 4), ("b/2.png", 5, 6, 8, 8)]
    assert listing.gives_parts
    assert not listing.gives_crops
    assert not listing.refused
    assert listing.ignored == 0


def test_path_and_label_are_enough(tmp_path: Path) -> None:
    photos = build(
        tmp_path, [{"path": "z", "label": 3}, {"path": "a.png", "label": 12}, {"path": "m", "label": None}]
    )
    listing = manifest.read(photos, annotations=None)
    assert listing.images.select("path", "label_name").rows() == [("a.png", "12"), ("m", None), ("z", "3")]
    assert listing.boxes.is_empty()
    assert not listing.has_boxes
    assert not listing.gives_parts


def test_crops_are_narrowed_to_whole_pixels_and_boxes_widened(tmp_path: Path) -> None:
    row = {"path": "a", "label": "x", "x0": 0.5, "y0": 0.5, "x1": 9.5, "y1": 9.5}
    row |= {f"crop_{name}": value for name, value in zip(("x0", "y0", "x1", "y1"), (10.2, 1, 20.8, 2), strict=True)}
    listing = manifest.read(build(tmp_path, [row]), annotations=None)
    assert listing.boxes.row(0) == ("a", 0, 0, 10, 10)
    assert listing.images.row(0)[-4:] == (11, 1, 20, 2)
    assert listing.gives_crops


def test_a_manifest_elsewhere_and_boxes_without_a_pixel(tmp_path: Path) -> None:
    photos = build(tmp_path, [{"path": "a", "label": "x", "boxes": [[1, 1, 1, 5], [2, 2, 3, 3]]}])
    file = (photos / "manifest.jsonl").rename(tmp_path / "labels.jsonl")
    assert not manifest.recognises(photos, annotations=None)
    assert manifest.recognises(photos, annotations=file)
    listing = manifest.read(photos, annotations=file)
    assert listing.boxes.rows() == [("a", 2, 2, 3, 3)]
    assert listing.no_area == 1
    with pytest.raises(RequestError, match="--annotations"):
        manifest.read(photos, annotations=None)


GOOD = {"path": "a", "label": "x"}
BOX = {"x0": 1, "y0": 1, "x1": 2, "y1": 2}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"path": "a"}], "no column 'label'"),
        ([{"label": "a"}], "no column 'path'"),
        ([GOOD | {"lable": 1}], "a column 'lable'; known are path, label"),
        ([GOOD | {"x0": 1}], "no column 'y0', which belongs to x0, y0, x1, y1"),
        ([GOOD | BOX | {"boxes": []}], "boxes and x0"),
        ([GOOD | BOX | {"x1": None}], "x0 to y1 are filled in part (a)"),
        ([GOOD | BOX | {"x1": 0}], "x1 or y1 is less than its start (a)"),
        ([GOOD | BOX | {"x1": "wide"}], "no number"),
        ([GOOD | BOX | {"x1": "inf"}], "x1 is no number of pixels (a)"),
        ([GOOD | BOX | {"x1": "nan"}], "x1 is no number of pixels (a)"),
        ([GOOD | {"boxes": [[1, 2, 3]]}], "a box that is not [x0, y0, x1, y1]"),
        ([GOOD | {"boxes": [1, 2, 3, 4]}], "no list of [x0, y0, x1, y1]"),
        ([GOOD | {"boxes": "[[1, 2"}], "no list of [x0, y0, x1, y1]"),
        ([GOOD | {"part": "C"}], "part 'C' is none of A, B, shared, X, E, V (a)"),
        ([GOOD, {"path": None, "label": "x"}], "a row has no path"),
        ([GOOD, {"path": "a", "label": "y"}], "rows of a differ in more than the box"),
        ([GOOD | {"label": {"a": 1}}], "a column label of Struct"),
        ([GOOD | {"label": ["x"]}], "a column label of List"),
        ([GOOD | {"label": 0.5}], "a column label of Float64, which is no text"),
        ([GOOD | {"boxes": "{}"}], "no list of [x0, y0, x1, y1]"),
        ([GOOD | {"boxes": "[null]"}], "no list of [x0, y0, x1, y1]"),
        ([GOOD | {"boxes": "[[true, 0, 3, 4]]"}], "no list of [x0, y0, x1, y1]"),
        ([GOOD | {"boxes": f"[[0, 0, 3, {'9' * 400}]]"}], "no list of [x0, y0, x1, y1]"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, rows: Rows, said: str) -> None:
    photos = build(tmp_path, rows)
    with pytest.raises(AnnotationError) as caught:
        manifest.read(photos, annotations=None)
    assert said in str(caught.value)
    assert str(photos / "manifest.jsonl") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b'{"path": ', b"PAR1PAR1"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    file = tmp_path / f"labels{suffix}"
    file.write_bytes(data)
    with pytest.raises(AnnotationError) as caught:
        manifest.read(tmp_path, annotations=file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_two_files_describe_is_asked_about(tmp_path: Path) -> None:
    photos = build(tmp_path, [GOOD])
    (photos / "annotations").mkdir()
    (photos / "annotations/instances_all.json").write_text("{}")
    with pytest.raises(RequestError, match=r"coco or manifest.*--layout"):
        recognise(photos, annotations=None)
    assert recognise(photos, annotations=photos / "manifest.jsonl") == "manifest"


def test_labels_that_are_missing_as_nan_are_no_class(tmp_path: Path) -> None:
    """A frame of numbers with gaps is written so, and `nan` would be attacked and stand in X."""
    photos = build(tmp_path, [GOOD])
    (photos / "manifest.jsonl").unlink()
    labels = [float("nan"), 1.0]
    pl.DataFrame({"path": ["a", "b"], "label": labels}).write_parquet(photos / "manifest.parquet")
    with pytest.raises(AnnotationError, match="label is double, which is no text"):
        manifest.read(photos, annotations=None)


def test_several_manifests_are_asked_about(tmp_path: Path) -> None:
    photos = build(tmp_path, [GOOD])
    (photos / "manifest.csv").write_text("path,label")
    with pytest.raises(RequestError, match=r"several files .*manifest.csv, .*manifest.jsonl"):
        recognise(photos, annotations=None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na,x\nb\n", "Expected 2 columns, got 1"),
        ("path,label\na,x,y\n", "Expected 2 columns, got 3"),
        ("path,label,path\na,x,b\n", "a column stands twice"),
        ("path;label\na;x\n", "a column 'path;label'; known are"),
        ("path,label\na,\udcff\n", "UTF8"),
    ],
)
def test_a_csv_file_that_is_not_whole_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "manifest.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(AnnotationError) as caught:
        manifest.read(tmp_path, annotations=None)
    assert said in str(caught.value)


def test_a_csv_file_as_programs_write_it(tmp_path: Path) -> None:
    """A byte order mark, line ends of two characters, quotes, a line feed in a name, an empty line at the end."""
    for name in ("a,b", "c\nd", "e"):
        (tmp_path / name).write_bytes(b"x")
    text = 'label,path\r\n"x ""y""","a,b"\r\n01,"c\nd"\r\n,e\r\n\r\n'
    (tmp_path / "manifest.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    listing = manifest.read(tmp_path, annotations=None)
    labels = dict(listing.images.select("path", "label_name").iter_rows())
    assert labels == {"a,b": 'x "y"', "c\nd": "01", "e": None}
