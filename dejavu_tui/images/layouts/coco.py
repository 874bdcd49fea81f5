"""COCO: a folder of images and an instances file, `annotations/instances_<folder>.json` beside or in it.

The label of an image is its category; of several the one whose boxes have the largest area together, of equal ones
the first name in byte order. Images without an object have no label. Boxes [x, y, width, height] are widened to
whole pixels before anything else.
"""

from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import polars as pl

from dejavu_tui.images.files import read_regular, reason
from dejavu_tui.images.listing import MARKED, Listing, listed
from dejavu_tui.images.named import file_that_names, find_named, only_one, refuse
from dejavu_tui.text import safe_text

MAX_BYTES = 4 << 30
_FARTHEST = 1e9
"""Pixels: a number beyond is none."""


_Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=-(1 << 62), le=1 << 62)]


class _Image(msgspec.Struct):
    id: _Whole
    file_name: str
    width: _Whole | None = None
    height: _Whole | None = None


class _Object(msgspec.Struct):
    image_id: _Whole
    category_id: _Whole
    bbox: tuple[float, float, float, float]


class _Category(msgspec.Struct):
    id: _Whole
    name: Annotated[str, msgspec.Meta(min_length=1)]


class _Instances(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Object]
    categories: list[_Category]


def recognises(path: Path, *, annotations: Path | None) -> bool:
    """Tell whether an instances file belongs to the folder at `path`."""
    if annotations is not None:
        return annotations.suffix.lower() == ".json"
    return path.is_dir() and _find_instances(path) is not None


def read(path: Path, *, annotations: Path | None) -> Listing:
    """List the images below the folder `path` that the instances file `annotations` names.

    Raises RequestError: no folder, or no instances file. AnnotationError: it is no such file, names what it does
    not describe, or marks what is no box.
    """
    file = file_that_names(path, annotations, found=_find_instances(path), what="instances file")
    told = _parse(file)
    images = _table(told.images, {"id": pl.Int64, "file_name": pl.String, "width": pl.Int64, "height": pl.Int64})
    categories = _table(told.categories, {"id": pl.Int64, "name": pl.String})
    objects = pl.DataFrame(
        [(one.image_id, one.category_id, *one.bbox) for one in told.annotations],
        {"image_id": pl.Int64, "category_id": pl.Int64} | dict.fromkeys(("x", "y", "w", "h"), pl.Float64),
        orient="row",
    )
    _check(images, categories, objects, file=file)
    boxes = objects.join(images, left_on="image_id", right_on="id").select(
        pl.col("file_name").alias("path"),
        "category_id",
        x0=pl.col("x").floor().cast(pl.Int64),
        y0=pl.col("y").floor().cast(pl.Int64),
        x1=(pl.col("x") + pl.col("w")).ceil().cast(pl.Int64),
        y1=(pl.col("y") + pl.col("h")).ceil().cast(pl.Int64),
    )
    images = images.rename({"file_name": "path"}).join(_labels(boxes, categories), on="path", how="left")
    named = find_named(path, images.drop("id"), by=file)
    shown = boxes.join(named.there, on="path", how="semi", maintain_order="left").select(MARKED.schema.names())
    covering = shown.filter(pl.col("x0") < pl.col("x1"), pl.col("y0") < pl.col("y1"))
    return Listing(
        root=path,
        images=listed(named.there),
        annotations=file,
        boxes=MARKED.check(covering.unique(maintain_order=True)),
        no_area=shown.height - covering.height,
        refused=named.refused,
        ignored=named.ignored,
    )


def _parse(file: Path) -> _Instances:
    try:
        return msgspec.json.decode(read_regular(file, limit=MAX_BYTES), type=_Instances)
    except OSError as error:
        refuse(f"cannot be read ({reason(error)})", file)
    except (msgspec.DecodeError, RecursionError) as error:
        refuse(f"is no COCO instances file ({safe_text(str(error), limit=120)})", file)


def _check(images: pl.DataFrame, categories: pl.DataFrame, objects: pl.DataFrame, *, file: Path) -> None:
    """Raise AnnotationError, naming the first fault: ids or names that stand twice, an object of no image or of no
    category that the file describes, a box with a negative side or with numbers that are none.
    """
    named = (
        (images, "id", "image"),
        (images, "file_name", "file_name"),
        (categories, "id", "category"),
        (categories, "name", "category"),
    )
    for frame, column, thing in named:
        twice = frame.filter(pl.col(column).is_duplicated())
        if not twice.is_empty():
            refuse(f"the {thing} {twice[column][0]} stands twice", file)
    for frame, column, thing in ((images, "image_id", "image"), (categories, "category_id", "category")):
        unknown = objects.join(frame, left_on=column, right_on="id", how="anti")
        if not unknown.is_empty():
            refuse(f"an object is of {thing} {unknown[column][0]}, which is not described", file)
    is_box = pl.all_horizontal(pl.col("x", "y", "w", "h").abs() < _FARTHEST, pl.col("w", "h") >= 0)
    wrong = objects.filter(~is_box)
    if not wrong.is_empty():
        image_id, _, *box = wrong.row(0)
        refuse(f"{box} of image {image_id} is no box", file)


def _labels(boxes: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Return path and label_name of each image with an object."""
    area = (pl.col("x1") - pl.col("x0")).cast(pl.Float64) * (pl.col("y1") - pl.col("y0"))  # whole ones may overflow
    areas = boxes.group_by("path", "category_id").agg(area.sum().alias("area"))
    named = areas.join(categories, left_on="category_id", right_on="id")
    ranked = named.sort("path", "area", "name", descending=[False, True, False])
    return ranked.unique("path", keep="first", maintain_order=True).select("path", label_name="name")


def _table(rows: list[_Image] | list[_Category], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame([msgspec.structs.astuple(row) for row in rows], schema, orient="row")


def _find_instances(path: Path) -> Path | None:
    """Return the instances file of the folder `path`: the one named like it, or the only one there is."""
    found: list[Path] = []
    for folder in (path / "annotations", path.parent / "annotations", path):
        files = sorted(folder.glob("instances*.json"))
        named = [file for file in files if file.stem.removeprefix("instances_") == path.name]
        found += named or (files if len(files) == 1 else [])
    return only_one(found)
