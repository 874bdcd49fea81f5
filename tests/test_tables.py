from pathlib import Path

import polars as pl
import pytest

from dejavu_tui import tables
from dejavu_tui.errors import ArtefactError
from dejavu_tui.tables import CROPS, PARTS, Table

ALL = [value for value in vars(tables).values() if isinstance(value, Table)]


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_an_empty_table_survives_its_file(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table.write(pl.DataFrame(schema=table.schema), path)
    assert table.read(path).schema == table.schema
    assert set(table.key) <= set(table.schema)


def test_rows_survive(tmp_path: Path) -> None:
    frame = pl.DataFrame({"image_id": [3, 1], "part": ["A", "X"]}, schema=PARTS.schema)
    PARTS.write(frame, tmp_path / "p.parquet")
    assert PARTS.read(tmp_path / "p.parquet").equals(frame)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"image_id": [1, 1], "part": ["A", "B"]}), "image_id stands twice"),
        (pl.DataFrame({"image_id": [1], "part": [None]}, schema=PARTS.schema), "part has empty fields"),
        (pl.DataFrame({"image_id": [1.0], "part": ["A"]}), "image_id is Float64"),
        (pl.DataFrame({"part": ["A"], "image_id": [1]}), "other columns"),
        (pl.DataFrame({"image_id": [1]}), r"missing: \['part'\]"),
    ],
)
def test_another_table_is_refused(frame: pl.DataFrame, words: str, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=words):
        PARTS.check(frame)
    path = tmp_path / "p.parquet"
    frame.write_parquet(path)
    with pytest.raises(ArtefactError, match=words):
        PARTS.read(path)


def test_empty_fields_pass_where_they_may_stand() -> None:
    row = {"image_id": [1], "x0": [None], "y0": [None], "x1": [None], "y1": [None], "reason": ["no boxes"]}
    frame = pl.DataFrame(row, schema=CROPS.schema)
    assert CROPS.check(frame) is frame


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_a_damaged_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "parts.parquet"
    path.write_bytes(content)
    with pytest.raises(ArtefactError, match=r"parts\.parquet: not a readable parts table"):
        PARTS.read(path)


def test_a_folder_name_is_no_pattern(tmp_path: Path) -> None:
    own = pl.DataFrame({"image_id": [1], "part": ["A"]}, schema=PARTS.schema)
    other = pl.DataFrame({"image_id": [2], "part": ["B"]}, schema=PARTS.schema)
    for name, frame in (("audit[1]", own), ("audit1", other)):
        (tmp_path / name).mkdir()
        PARTS.write(frame, tmp_path / name / "parts.parquet")
    assert PARTS.read(tmp_path / "audit[1]" / "parts.parquet").equals(own)
