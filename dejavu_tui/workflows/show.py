"""One attacked image: what it is, what both encoders guess, and the neighbours that made them."""

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.inference.votes import GUESSES
from dejavu_tui.tables import SAMPLES
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.chosen import Chosen, votes
from dejavu_tui.workspace import Audit

_FACTS = ("run", "epoch", "layer", "k", "image_id", "path", "part", "label", "label_name", "kind")
_CROP = ("crop_x0", "crop_y0", "crop_x1", "crop_y1")
_ANSWER = ("encoder", "trained_on", "guess", "guess_name", "confidence", "hit")
_NEIGHBOUR = ("rank", "distance", "neighbour_image_id", "neighbour_path", "neighbour_label", "neighbour_label_name")
_VOTE = ("match", "label_votes", "label_place")
COLUMNS = (*_FACTS, *_CROP, *_ANSWER, *_NEIGHBOUR, *_VOTE)
"""`encoder` is target or reference, `trained_on` A or B; `rank` 1 is the nearest neighbour; `match`: its class is
the image's; `label_votes`: how many of the k neighbours are of its class; `label_place`: the place of that class
among the first five guesses, 1 the guess itself, empty after them.
"""
_LIST = "`dejavu top --kind all` lists images that are attacked"


def show(audit: Audit, chosen: Chosen, image_ids: Sequence[int]) -> pl.DataFrame:
    """Return COLUMNS: for each image, encoder (target first) and rank a row, the image's facts in each.

    Each image is shown once, in the order named. Raises RequestError: an image that is not attacked.
    """
    shown = rows_of(audit, chosen.samples, image_ids).with_row_index("place")
    rows = pl.concat(_side(audit, shown, side=side, k=chosen.k) for side in ("target", "reference"))
    return rows.sort("place", maintain_order=True).select(COLUMNS)


def rows_of(audit: Audit, samples: pl.DataFrame, image_ids: Sequence[int]) -> pl.DataFrame:
    """Return the rows of `samples` (table SAMPLES) of these images, each once, in the order named.

    Raises RequestError: an image that is not attacked.
    """
    ids = pl.DataFrame({"image_id": image_ids}, schema={"image_id": pl.Int64})
    for image_id in ids.join(samples, on="image_id", how="anti")["image_id"]:
        raise RequestError(f"image {image_id} {why_not_attacked(audit, image_id)}", where=audit.root, fix=_LIST)
    once = ids.unique(maintain_order=True)
    return once.join(samples, on="image_id", maintain_order="left").select(list(SAMPLES.schema))


def _side(audit: Audit, shown: pl.DataFrame, *, side: str, k: int) -> pl.DataFrame:
    """Return the rows of one encoder: images as in `shown`, of each its neighbours, nearest first."""
    names = audit.class_names
    public = audit.images.select(pl.col("image_id", "path", "label", "label_name").name.prefix("neighbour_"))
    is_b = (pl.col("part") == "B") == (side == "target")
    near = f"{side}_neighbours"
    guesses = pl.Series("guesses", votes(audit, shown[near], k=k).guesses)
    return (
        shown.with_columns(
            guesses,
            encoder=pl.lit(side),
            trained_on=pl.when(is_b).then(pl.lit("B")).otherwise(pl.lit("A")),
            guess=f"{side}_guess",
            confidence=f"{side}_confidence",
            hit=f"{side}_hit",
            rank=pl.int_ranges(1, pl.col("k") + 1),
            neighbour_image_id=near,
            distance=f"{side}_distances",
        )
        .explode("rank", "neighbour_image_id", "distance")
        .join(names.rename({"label": "guess", "label_name": "guess_name"}), on="guess", maintain_order="left")
        .join(public, on="neighbour_image_id", maintain_order="left")
        .with_columns(
            match=pl.col("neighbour_label") == pl.col("label"),
            label_votes=pl.len().over("image_id", "neighbour_label").cast(pl.Int64),
            label_place=pl.coalesce(
                pl.when(pl.col("guesses").arr.get(place) == pl.col("neighbour_label")).then(place + 1)
                for place in range(GUESSES)
            ).cast(pl.Int64),
        )
    )


def identify(audit: Audit, typed: str) -> int:
    """Return the id of the image that `typed` names: an id, or a path as in the tables or on disk.

    Raises RequestError: it names none.
    """
    if _is_id(typed):
        found = audit.images.filter(image_id=int(typed))
    else:
        found = audit.images.filter(path=typed)
        if found.is_empty():
            place = Path(os.path.realpath(typed))  # unlike Path.resolve, it bears links that lead in a circle
            found = audit.images.filter(path=_below(place, (audit.root.parent / audit.settings.source).resolve()))
    if found.is_empty():
        raise RequestError(f"no image '{safe_text(typed, limit=80)}'", where=audit.root, fix=_LIST)
    return int(found["image_id"][0])


def identify_all(audit: Audit, typed: Sequence[str]) -> list[int]:
    """Return what `identify` does of each of `typed`; thousands are looked up at once."""
    ids = [int(one) for one in typed if _is_id(one)]
    paths = [one for one in typed if not _is_id(one) and one.isprintable()]  # a lone surrogate fits no column
    found = audit.images.filter(pl.col("image_id").is_in(ids) | pl.col("path").is_in(paths))
    known = dict(found.select("path", "image_id").iter_rows())
    known |= {str(image_id): image_id for image_id in found["image_id"]}
    return [known[one] if one in known else identify(audit, one) for one in typed]


def why_not_attacked(audit: Audit, image_id: int) -> str:
    """Return why an image of the audit is not attacked, as the end of a sentence about it."""
    part = audit.parts.filter(image_id=image_id)["part"]
    reason = audit.crops.filter(image_id=image_id)["reason"]
    if part.is_empty():
        return "is in no part"
    if reason.is_empty():
        return f"is in {part[0]}, and only images of A, B and E are attacked"
    return f"of {part[0]} is not attacked ({reason[0] or 'this run was not trained on it'})"


def _is_id(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 12


def _below(path: Path, folder: Path) -> str:
    """Return `path` as seen from `folder`; one that does not lie in it as it is."""
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()
