"""Which attacked images the table lists, and in which order."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.records import KINDS, Kind
from dejavu_tui.workflows.browse import BrowseView

SORTS = {
    "image_id": "image id",
    "part": "part",
    "label": "class",
    "target_guess": "guess of the target encoder",
    "target_confidence": "confidence of the target encoder",
    "reference_guess": "guess of the reference encoder",
    "reference_confidence": "confidence of the reference encoder",
    "kind": "kind",
    "confidence_gap": "confidence gap, target - reference",
    "path": "path",
}
"""Columns that can be sorted by, and what they are called."""

_LARGEST_FIRST = ("target_confidence", "reference_confidence", "confidence_gap")


@dataclass(frozen=True)
class Asked:
    """What is asked of the table; None and the empty text ask for nothing. The default is how a screen opens."""

    kind: Kind | None = "memorized"
    control: bool = False
    """The images of E instead of those of A and B."""
    label: int | None = None
    text: str = ""
    sort: str = "target_confidence"
    descending: bool = True


def sorted_by(sort: str) -> bool:
    """Return whether a column is shown largest first when it is first sorted by."""
    return sort in _LARGEST_FIRST


def rows(view: BrowseView, asked: Asked) -> NDArray[np.int64]:
    """Return the places in `view.samples` that are listed, in order; equal ones in order of image_id."""
    keep = _part(asked)
    if asked.kind is not None:
        keep &= pl.col("kind") == asked.kind
    if asked.label is not None:
        keep &= pl.col("label") == asked.label
    if asked.text:
        keep &= _holds(view, asked.text.lower())
    by = pl.col(asked.sort)
    if asked.sort == "kind":
        by = by.replace_strict(list(KINDS), range(len(KINDS)), return_dtype=pl.Int8)
    listed = (
        view.samples.lazy()
        .select(by.alias("by"), keep.alias("keep"))
        .with_row_index("place")
        .filter("keep")
        .sort("by", descending=asked.descending, maintain_order=True)
        .select(pl.col("place").cast(pl.Int64))
        .collect()
    )
    return listed["place"].to_numpy()


def class_counts(view: BrowseView, asked: Asked) -> list[tuple[int, str, int]]:
    """Return (label, name, images of the kind that is asked for) of each class that is attacked."""
    chosen = _part(asked)
    if asked.kind is not None:
        chosen &= pl.col("kind") == asked.kind
    found = view.samples.group_by("label", "label_name").agg(chosen.sum().alias("n")).sort("label")
    return list(found.iter_rows())


def _part(asked: Asked) -> pl.Expr:
    return (pl.col("part") == "E") == asked.control


def _holds(view: BrowseView, text: str) -> pl.Expr:
    """An image is found by its path, its class, or a guess."""
    labels = [label for label, name in view.label_names.items() if text in name.lower()]
    return (
        pl.col("path").str.to_lowercase().str.contains(text, literal=True)
        | pl.col("label").is_in(labels)
        | pl.col("target_guess").is_in(labels)
        | pl.col("reference_guess").is_in(labels)
    )
