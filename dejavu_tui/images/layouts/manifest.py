"""A manifest: a CSV, JSON lines or Parquet file that names the images, their labels, and what else is known.

Columns: `path` (relative to the folder of images) and `label` (a name); optional `part` (A, B, shared, X, E or V),
boxes and a background crop in stored pixels, half-open: either `x0, y0, x1, y1` (a row for each box) or a list
`boxes` of `[x0, y0, x1, y1]`, and `crop_x0, crop_y0, crop_x1, crop_y1`. Rows of an image agree in all but its box.
"""

import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from dejavu_tui.images.files import read_regular, reason
from dejavu_tui.images.listing import MARKED, Listing, listed
from dejavu_tui.images.named import file_that_names, find_named, only_one, refuse
from dejavu_tui.text import safe_text

MAX_BYTES = 4 << 30
SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
_BOX = ("x0", "y0", "x1", "y1")
_CROP = tuple(f"crop_{corner}" for corner in _BOX)
_KNOWN = ("path", "label", "part", "boxes", *_BOX, *_CROP)
_PARTS = ("A", "B", "shared", "X", "E", "V")
_FARTHEST = 1 << 31
"""Pixels: a number beyond is none."""


def recognises(path: Path, *, annotations: Path | None) -> bool:
    """Tell whether a manifest belongs to the folder at `path`: `annotations`, or `manifest.*` in it."""
    if annotations is not None:
        return annotations.suffix.lower() in SUFFIXES
    return path.is_dir() and _find_manifest(path) is not None


def read(path: Path, *, annotations: Path | None) -> Listing:
    """List the images below the folder `path` that the manifest `annotations` names.

    Raises RequestError: no folder, or no manifest. AnnotationError: it cannot be read, has other columns, or says
    what cannot be.
    """
    file = file_that_names(path, annotations, found=_find_manifest(path), what="manifest")
    rows = _checked(_parse(file), file=file)
    images = rows.drop(*_BOX).unique(maintain_order=True)
    twice = images.filter(pl.col("path").is_duplicated())
    if not twice.is_empty():
        refuse(f"rows of {twice['path'][0]} differ in more than the box", file)
    named = find_named(path, images, by=file)
    boxes = rows.select("path", *_BOX).drop_nulls().join(named.there, on="path", how="semi", maintain_order="left")
    covering = boxes.filter(pl.col("x0") < pl.col("x1"), pl.col("y0") < pl.col("y1"))
    return Listing(
        root=path,
        images=listed(named.there.rename({"label": "label_name"})),
        annotations=file,
        boxes=MARKED.check(covering.unique(maintain_order=True)),
        no_area=boxes.height - covering.height,
        refused=named.refused,
        ignored=named.ignored,
    )


def _parse(file: Path) -> pl.DataFrame:
    """Return the table in `file` as it is written; of CSV every field is text."""
    try:
        data = read_regular(file, limit=MAX_BYTES)
    except OSError as error:
        refuse(f"cannot be read ({reason(error)})", file)
    try:
        if file.suffix.lower() == ".csv":
            return _from_csv(data)
        if file.suffix.lower() == ".parquet":
            return _from_parquet(data)
        return pl.read_ndjson(BytesIO(data), infer_schema_length=None)
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        refuse(f"is no readable {file.suffix[1:]} file ({safe_text(first, limit=120)})", file)


def _from_csv(data: bytes) -> pl.DataFrame:
    """Return the table in a CSV file, every known field as text. Arrow reads it, because polars takes rows that end
    early. Raises ArrowException: a row of another length, or no UTF-8.
    """
    table = pc.read_csv(
        BytesIO(data),
        parse_options=pc.ParseOptions(newlines_in_values=True),
        convert_options=pc.ConvertOptions(column_types=dict.fromkeys(_KNOWN, pa.string())),
    )
    _check_names(table)
    return pl.DataFrame(table)


def _check_names(table: pa.Table) -> None:
    if len(set(table.column_names)) < table.num_columns:
        raise pa.ArrowInvalid("a column stands twice")


def _from_parquet(data: bytes) -> pl.DataFrame:
    """Return the table in a Parquet file. Arrow reads it and brings it to plain types: polars aborts on damage.

    Raises ArrowException, OSError, UnicodeDecodeError: damaged, or of other types.
    """
    table = pq.read_table(BytesIO(data))
    table.validate(full=True)
    kinds = dict.fromkeys((*_BOX, *_CROP), pa.float64()) | dict.fromkeys(("path", "label", "part"), pa.string())
    kinds["boxes"] = pa.list_(pa.list_(pa.float64()))
    names = table.column_names
    _check_names(table)
    for name in ("path", "label", "part"):
        if name in names and pa.types.is_floating(table.schema.field(name).type):
            raise pa.ArrowInvalid(f"{name} is {table.schema.field(name).type}, which is no text")
    columns = [
        column.cast(kinds[name]) if name in kinds else pa.nulls(table.num_rows)
        for name, column in zip(names, table.columns, strict=True)
    ]
    return pl.DataFrame(pa.table(columns, names=names))


def _checked(table: pl.DataFrame, *, file: Path) -> pl.DataFrame:
    """Return a row for each image and box: path, label, part, its corners and those of the crop; what is absent is
    empty.
    """
    unknown = [name for name in table.columns if name not in _KNOWN]
    if unknown:
        refuse(f"has a column {unknown[0]!r}; known are {', '.join(_KNOWN)}", file)
    lacking = [name for name in ("path", "label") if name not in table.columns]
    if lacking:
        refuse(f"has no column {lacking[0]!r}", file)
    for corners in (_BOX, _CROP):
        absent = [name for name in corners if name not in table.columns]
        if 0 < len(absent) < len(corners):
            refuse(f"has no column {absent[0]!r}, which belongs to {', '.join(corners)}", file)
    for name in ("path", "label", "part"):
        kind = table.schema.get(name, pl.String())
        if kind.is_nested() or kind.is_float():
            refuse(f"has a column {name} of {kind}, which is no text", file)
    if "boxes" in table.columns:
        if "x0" in table.columns:
            refuse("has boxes and x0: use one of them", file)
        table = _unfolded(table, file=file)
    whole = table.with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("part", *_BOX, *_CROP) if name not in table.columns
    )
    try:
        texts = whole.select(pl.col("path", "label", "part", *_BOX, *_CROP).cast(pl.String).replace("", None))
        typed = texts.with_columns(pl.col(*_BOX, *_CROP).cast(pl.Float64))
    except pl.exceptions.PolarsError as error:
        refuse(f"holds what is no number or no text ({str(error).splitlines()[0]})", file)
    return _sound(typed, file=file)


def _unfolded(table: pl.DataFrame, *, file: Path) -> pl.DataFrame:
    """Return `table` with a row for each entry of its column `boxes`, as columns x0, y0, x1, y1."""
    boxes = table["boxes"]
    if boxes.dtype == pl.String:  # CSV
        try:
            lists = [_boxes_in(text) if text else [] for text in boxes]
            boxes = pl.Series("boxes", lists, pl.List(pl.List(pl.Float64)), strict=True)
        except (ValueError, TypeError, OverflowError, RecursionError, pl.exceptions.PolarsError):
            refuse("has boxes that are no list of [x0, y0, x1, y1]", file)
    try:
        one = table.with_columns(boxes.cast(pl.List(pl.List(pl.Float64)))).explode("boxes", empty_as_null=True)
        if one.filter(pl.col("boxes").is_not_null(), pl.col("boxes").list.len() != len(_BOX)).height:
            refuse("has a box that is not [x0, y0, x1, y1]", file)
    except pl.exceptions.PolarsError:
        refuse("has boxes that are no list of [x0, y0, x1, y1]", file)
    corners = [pl.col("boxes").list.get(place).alias(name) for place, name in enumerate(_BOX)]
    return one.with_columns(corners).drop("boxes")


def _boxes_in(text: str) -> list[list[float]]:
    """Return the boxes in a field of a CSV file. Raises ValueError: it is no list of lists of numbers."""
    value = json.loads(text)
    if type(value) is not list or not all(type(box) is list for box in value):
        raise ValueError("no list of lists")
    if not all(type(number) in (int, float) for box in value for number in box):
        raise ValueError("no numbers")
    return value


def _sound(rows: pl.DataFrame, *, file: Path) -> pl.DataFrame:
    """Return `rows` with corners in whole pixels: boxes are widened to them, crops narrowed.

    Raises AnnotationError, naming the first row that cannot be.
    """
    for wrong, what in (
        (pl.col("path").is_null(), "a row has no path"),
        (
            pl.col("part").is_not_null() & ~pl.col("part").is_in(_PARTS),
            f"part '{{part}}' is none of {', '.join(_PARTS)}",
        ),
        *((~(pl.col(name).abs() < _FARTHEST), f"{name} is no number of pixels") for name in (*_BOX, *_CROP)),
        *((_in_part(corners), f"{corners[0]} to {corners[3]} are filled in part") for corners in (_BOX, _CROP)),
        *((_turned(corners), f"{corners[2]} or {corners[3]} is less than its start") for corners in (_BOX, _CROP)),
    ):
        found = rows.filter(wrong)
        if not found.is_empty():
            said = what.format_map(found.row(0, named=True))
            refuse(f"{said} ({found['path'][0] or 'row without path'})", file)
    down, up = (*_BOX[:2], *_CROP[2:]), (*_BOX[2:], *_CROP[:2])
    return rows.with_columns(pl.col(*down).floor().cast(pl.Int64), pl.col(*up).ceil().cast(pl.Int64))


def _in_part(corners: tuple[str, ...]) -> pl.Expr:
    filled = pl.sum_horizontal(pl.col(name).is_not_null() for name in corners)
    return (filled > 0) & (filled < len(corners))


def _turned(corners: tuple[str, ...]) -> pl.Expr:
    x0, y0, x1, y1 = (pl.col(name) for name in corners)
    return (x1 < x0) | (y1 < y0)


def _find_manifest(path: Path) -> Path | None:
    return only_one([file for suffix in SUFFIXES if (file := path / f"manifest{suffix}").is_file()])
