"""Contact sheets of attacked images: each with its boxes and crop, what it is, and what both encoders guess."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from dejavu_tui.errors import ImageError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture
from dejavu_tui.images.sheet import LEGEND, Cell, fitted, page
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workspace import Audit

PER_PAGE = 40
"""Images of one page."""


def sheets(
    audit: Audit, rows: pl.DataFrame, *, warning: str, progress: Progress, stop: Stop
) -> Iterator[tuple[bytes, list[str]]]:
    """Yield the pages of `rows` (table SAMPLES) as PNG, `warning` above each, and the paths that cannot be read.

    Raises ArtefactError: the image folder is not there; StoppedError.
    """
    boxes = _boxes(audit, rows)
    rows = rows.join(audit.images.select("image_id", "width", "height"), on="image_id", maintain_order="left")
    names = dict(audit.images.select("label", "label_name").unique("label").iter_rows())
    first = rows.row(0, named=True)
    what = f"run {first['run']}, epoch {first['epoch']}, layer {first['layer']}, k {first['k']}"
    pages = -(-rows.height // PER_PAGE)
    for number, group in enumerate(rows.iter_slices(PER_PAGE)):
        cells, unreadable = [], []
        for row in group.iter_rows(named=True):
            if stop():
                raise StoppedError
            try:
                picture = fitted(open_picture(audit.source / row["path"]))
            except ImageError:
                picture = None
                unreadable.append(row["path"])
            crop = Box(row["crop_x0"], row["crop_y0"], row["crop_x1"], row["crop_y1"])
            found = boxes.get(row["image_id"], ())
            cells.append(Cell(picture, (row["width"], row["height"]), found, crop, _caption(row, names)))
            progress(Step("contact sheet", number * PER_PAGE + len(cells), rows.height))
        count = f"{rows.height} image{'s' if rows.height > 1 else ''}, page {number + 1} of {pages}"
        yield page(cells, heading=(warning, f"audit {audit.root.name}, {what}: {count}", LEGEND)), unreadable


def _boxes(audit: Audit, rows: pl.DataFrame) -> dict[int, tuple[Box, ...]]:
    boxes: dict[int, tuple[Box, ...]] = {}
    for image_id, *sides in audit.boxes.join(rows, on="image_id", how="semi").iter_rows():
        boxes[image_id] = (*boxes.get(image_id, ()), Box(*sides))
    return boxes


def _caption(row: dict[str, Any], names: dict[int, str]) -> tuple[str, ...]:
    guesses = [
        f"{side} {row[f'{side}_confidence']:.2f}: {names[row[f'{side}_guess']]}" for side in ("target", "reference")
    ]
    title = f"{row['image_id']}  part {row['part']}  {row['kind']}"
    return (title, f"class: {row['label_name']}", *guesses, "/".join(row["path"].split("/")[-2:]))
