"""The tables that a split writes."""

import polars as pl

from dejavu_tui.tables.table import Column, Table

IMAGES = Table(
    "images",
    ("image_id",),
    (
        Column("image_id", pl.Int64, "place of the path in byte order, fixed at split"),
        Column("path", pl.String, "relative to the source folder, with /"),
        Column("label", pl.Int64, "place of the class name in byte order; empty: it has none", nullable=True),
        Column("label_name", pl.String, "class name", nullable=True),
        Column("width", pl.Int64, "pixels"),
        Column("height", pl.Int64, "pixels"),
    ),
)

BOXES = Table(
    "boxes",
    ("image_id", "x0", "y0", "x1", "y1"),
    (
        Column("image_id", pl.Int64, "image"),
        Column("x0", pl.Int64, "half-open box [x0, x1) x [y0, y1) in pixels"),
        Column("y0", pl.Int64, ""),
        Column("x1", pl.Int64, ""),
        Column("y1", pl.Int64, ""),
    ),
)

PARTS = Table(
    "parts",
    ("image_id",),
    (
        Column("image_id", pl.Int64, "image"),
        Column("part", pl.String, "A, B, shared, X, E or V"),
    ),
)

CROPS = Table(
    "crops",
    ("image_id",),
    (
        Column("image_id", pl.Int64, "image of A, B or E"),
        Column("x0", pl.Int64, "background crop [x0, x1) x [y0, y1) in pixels", nullable=True),
        Column("y0", pl.Int64, "", nullable=True),
        Column("x1", pl.Int64, "", nullable=True),
        Column("y1", pl.Int64, "", nullable=True),
        Column("reason", pl.String, "why the image is not attacked; empty where it is", nullable=True),
    ),
)

DROPPED = Table(
    "dropped",
    ("path",),
    (
        Column("path", pl.String, "relative to the source folder, with /"),
        Column("reason", pl.String, "why the image is in no part"),
    ),
)

COPIES = Table(
    "copies",
    ("image_id",),
    (
        Column("image_id", pl.Int64, "image that is a copy of another and was kept (`--copies keep`)"),
        Column("first", pl.Int64, "first image with its bytes, else with its picture"),
        Column("bits", pl.Int64, "in which the pictures' hashes differ, of 256; empty: same bytes", nullable=True),
    ),
)

HASHES = Table(
    "hashes",
    ("image_id",),
    (
        Column("image_id", pl.Int64, "image"),
        Column("sha256", pl.Binary, "of the file's bytes: 32 bytes"),
    ),
)
