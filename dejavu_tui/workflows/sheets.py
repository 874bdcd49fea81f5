"""Contact sheets of images with their boxes and crops: as they were split, and with what both encoders guess."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from dejavu_tui.errors import ImageError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture
from dejavu_tui.images.sheet import CROP_LEGEND, LEGEND, Cell, fitted, page
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.seeds import generator
from dejavu_tui.workspace import Audit

PER_PAGE = 40
"""Images of one page."""


def sheets(
    audit: Audit, rows: pl.DataFrame, *, warning: str, progress: Progress, stop: Stop
) -> Iterator[tuple[bytes, list[str]]]:
    """Yield the pages of `rows` (table SAMPLES) as PNG, `warning` above each, and the paths that cannot be read.

    Raises ArtefactError: the image folder is not there; StoppedError.
    """
    rows = rows.join(audit.images.select("image_id", "width", "height"), on="image_id", maintain_order="left")
    names = dict(audit.class_names.iter_rows())
    first = rows.row(0, named=True)
    what = f"run {first['run']}, epoch {first['epoch']}, layer {first['layer']}, k {first['k']}"
    pages = -(-rows.height // PER_PAGE)
    for number, group in enumerate(rows.iter_slices(PER_PAGE)):
        cells, unreadable = _cells(
            audit, group, partial(_guessed, names=names), progress=progress, stop=stop, of=(number, rows.height)
        )
        count = f"{rows.height} image{'s' if rows.height > 1 else ''}, page {number + 1} of {pages}"
        yield page(cells, heading=(warning, f"audit {audit.root.name}, {what}: {count}", LEGEND)), unreadable


def crop_sheet(
    audit: Audit, *, count: int, warning: str, progress: Progress, stop: Stop
) -> tuple[bytes, list[str]]:
    """Return a page of up to `count` images of A, B and E as PNG, drawn by the audit's seed, in order of image_id,
    each with its boxes and its crop or the reason why it has none; and the paths that cannot be read.

    Raises ArtefactError: the image folder is not there; StoppedError.
    """
    images = audit.members("A", "B", "E").join(audit.crops, on="image_id").sort("image_id")
    rng = generator(audit.settings.seed, "contact sheet")
    rows = images[np.sort(rng.permutation(images.height)[:count])]
    corners = {f"crop_{name}": pl.col(name) for name in ("x0", "y0", "x1", "y1")}
    cells, unreadable = _cells(
        audit, rows.with_columns(**corners), _unmeasured, progress=progress, stop=stop, of=(0, rows.height)
    )
    attacked = images["reason"].null_count()
    what = f"{rows.height} of the {images.height} images of A, B and E, of which {attacked} are attacked"
    rule = f"--crop {audit.settings.crop}"
    legend = LEGEND if any(cell.boxes for cell in cells) else CROP_LEGEND
    return page(cells, heading=(warning, f"audit {audit.root.name}, {rule}: {what}", legend)), unreadable


def _cells(
    audit: Audit,
    rows: pl.DataFrame,
    caption: Callable[[dict[str, Any]], tuple[str, ...]],
    *,
    progress: Progress,
    stop: Stop,
    of: tuple[int, int],
) -> tuple[list[Cell], list[str]]:
    """Return a cell for each of `rows`, page `of[0]` of `of[1]` images, and the paths that cannot be read."""
    boxes = _boxes(audit, rows)
    cells, unreadable = [], []
    for row in rows.iter_rows(named=True):
        if stop():
            raise StoppedError
        try:
            picture = fitted(open_picture(audit.source / row["path"]))
        except ImageError:
            picture = None
            unreadable.append(row["path"])
        crop = None if row["crop_x0"] is None else Box(*(row[f"crop_{name}"] for name in ("x0", "y0", "x1", "y1")))
        found = boxes.get(row["image_id"], ())
        cells.append(Cell(picture, (row["width"], row["height"]), found, crop, caption(row)))
        progress(Step("contact sheet", of[0] * PER_PAGE + len(cells), of[1]))
    return cells, unreadable


def _boxes(audit: Audit, rows: pl.DataFrame) -> dict[int, tuple[Box, ...]]:
    boxes: dict[int, tuple[Box, ...]] = {}
    for image_id, *sides in audit.boxes.join(rows, on="image_id", how="semi").iter_rows():
        boxes[image_id] = (*boxes.get(image_id, ()), Box(*sides))
    return boxes


def _unmeasured(row: dict[str, Any]) -> tuple[str, ...]:
    title = f"image {row['image_id']}  part {row['part']}"
    if row["reason"] is None:
        across, down = row["crop_x1"] - row["crop_x0"], row["crop_y1"] - row["crop_y0"]
        crop = f"crop {across}x{down} of {row['width']}x{row['height']}"
    else:
        crop = f"not attacked: {row['reason']}"
    return (title, _class(row), crop, _tail(row["path"]))


def _class(row: dict[str, Any]) -> str:
    return "no label" if row["label_name"] is None else f"class: {row['label_name']}"


def _tail(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def _guessed(row: dict[str, Any], *, names: dict[int, str]) -> tuple[str, ...]:
    guesses = [
        f"{side} {row[f'{side}_confidence']:.2f}: {names[row[f'{side}_guess']]}" for side in ("target", "reference")
    ]
    title = f"{row['image_id']}  part {row['part']}  {row['kind']}"
    return (title, _class(row), *guesses, _tail(row["path"]))
