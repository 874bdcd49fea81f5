"""The tables of an audit, by name."""

from dejavu_tui.tables.results import CALIBRATION, CLASSES, HISTOGRAM, OVERVIEW, SAMPLES, SCORES, TRACE
from dejavu_tui.tables.split import BOXES, COPIES, CROPS, DROPPED, HASHES, IMAGES, PARTS
from dejavu_tui.tables.table import Column, Table

__all__ = [
    "BOXES",
    "CALIBRATION",
    "CLASSES",
    "COPIES",
    "CROPS",
    "DROPPED",
    "HASHES",
    "HISTOGRAM",
    "IMAGES",
    "OVERVIEW",
    "PARTS",
    "SAMPLES",
    "SCORES",
    "TRACE",
    "Column",
    "Table",
]
