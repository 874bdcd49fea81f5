"""The contact sheet of a split, before anything is trained."""

import stat
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.errors import RequestError
from dejavu_tui.images.sheet import COLUMNS, Cell
from dejavu_tui.workflows import sheets
from dejavu_tui.workflows.crops import WARNING, draw_crops
from dejavu_tui.workflows.sheets import crop_sheet
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    source = build_folder(tmp_path / "pictures", classes=2, per_class=20, boxless=5)
    return write(plan(source, settings_for(source, k=5, per_class=4)), tmp_path / "audit")


def test_a_private_picture_the_same_each_time(audit: Audit, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    assert draw_crops(audit, out, count=12) == []
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = out.read_bytes()
    with pytest.raises(RequestError, match="--force"):
        draw_crops(audit, out, count=12)
    draw_crops(audit, out, count=12, replace=True)
    assert out.read_bytes() == first
    draw_crops(audit, tmp_path / "fewer.png", count=5)
    tall, low = Image.open(BytesIO(first)).height, Image.open(tmp_path / "fewer.png").height
    assert tall > low


def test_what_is_drawn_under_each_image(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    cells: list[Cell] = []
    headings: list[str] = []

    def page(drawn: list[Cell], *, heading: tuple[str, ...]) -> bytes:
        cells.extend(drawn)
        headings.extend(heading)
        return b""

    monkeypatch.setattr(sheets, "page", page)
    crop_sheet(audit, count=1000, warning=WARNING, progress=lambda _: None, stop=lambda: False)
    rows = audit.members("A", "B").join(audit.crops, on="image_id").sort("image_id")
    assert len(cells) == rows.height
    assert headings[0] == WARNING
    assert f"{rows.height} of the {rows.height} images" in headings[1]
    assert f"of which {audit.attacked().height} are attacked" in headings[1]
    for cell, row in zip(cells, rows.iter_rows(named=True), strict=True):
        assert cell.lines[0] == f"image {row['image_id']}  part {row['part']}"
        assert cell.lines[1] == f"class: {row['label_name']}"
        if row["reason"]:
            assert (cell.crop, cell.boxes) == (None, ())
            assert cell.lines[2] == "not attacked: no boxes"
        else:
            assert cell.crop is not None
            assert cell.lines[2] == f"crop {cell.crop.width}x{cell.crop.height} of 32x32"
            assert not any(cell.crop.overlaps(box) for box in cell.boxes)
    assert {cell.crop is None for cell in cells} == {True, False}


def test_an_image_that_is_gone_is_told_and_leaves_its_place(audit: Audit, tmp_path: Path) -> None:
    draw_crops(audit, tmp_path / "whole.png", count=COLUMNS * 10)
    path = audit.members("A")["path"][0]
    (audit.source / path).unlink()
    out = tmp_path / "sheet.png"
    assert draw_crops(audit, out, count=COLUMNS * 10) == [path]
    lost, whole = (np.asarray(Image.open(place)) for place in (out, tmp_path / "whole.png"))
    assert lost.shape == whole.shape
    assert not np.array_equal(lost, whole)
