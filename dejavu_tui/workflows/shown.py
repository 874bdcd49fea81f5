"""Which images an encoder is shown in each view."""

from hashlib import sha256

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.config import RunSettings
from dejavu_tui.errors import RequestError
from dejavu_tui.records import EncoderId, View
from dejavu_tui.workflows.runs import SETTINGS_FILE
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit

_hashed: dict[tuple[str, str, int | None, View], str] = {}
"""Hashes of the ids of what encoders are shown, by audit, part, size and view: asked again and again."""


def images_of(audit: Audit, view: View) -> pl.DataFrame:
    """Return the images of `view`, in order of image_id; those of `crops` have x0, y0, x1, y1.

    Raises RequestError: there are none.
    """
    images = audit.members("X") if view == "public" else audit.attacked()
    if images.is_empty():
        what = "the public set X is empty" if view == "public" else "no image is attacked"
        raise RequestError(what, where=audit.root, fix="make another audit with `dejavu split`")
    return images


def with_hashes(audit: Audit, images: pl.DataFrame) -> pl.DataFrame:
    """Return `images` with the column sha256: the bytes of each file as the split saw them."""
    return images.join(audit.hashes, on="image_id", how="left", maintain_order="left")


def shown_to(audit: Audit, encoder: EncoderId, view: View) -> pl.DataFrame:
    """Return the images that `encoder` is shown in `view`: rows of `Audit.members`, in order of image_id.

    `own`: what it was trained on, shared images too; `heldout`: V, or, if the audit has none, the images of the
    other encoder's part, none of which it saw: shared ones are not among them. The probe asks for these two: images
    without a label are in neither. Raises as `images_of`.
    """
    if view == "own":
        return trained_on(audit, encoder.trained_on, size=size_of_run(audit, encoder)).drop_nulls("label")
    if view == "heldout":
        validation = audit.members("V")
        other = audit.members("B" if encoder.trained_on == "A" else "A").drop_nulls("label")
        return other if validation.is_empty() else validation
    return images_of(audit, view)


def shown_digest(audit: Audit, encoder: EncoderId, view: View) -> str:
    """Return a hash of the ids of `shown_to`, worked out once for each audit, part, size and view."""
    size = size_of_run(audit, encoder) if view == "own" else None
    key = (audit.fingerprint, encoder.trained_on, size, view)
    if key not in _hashed:
        _hashed[key] = sha256(ids_of(shown_to(audit, encoder, view)).tobytes()).hexdigest()
    return _hashed[key]


def ids_of(images: pl.DataFrame) -> NDArray[np.int64]:
    """Return the image ids of `images` in order, little-endian on every machine."""
    return images["image_id"].to_numpy().astype("<i8")


def size_of_run(audit: Audit, encoder: EncoderId) -> int | None:
    """Return on how many images of its part an encoder was trained; None: all."""
    path = audit.run_folder(encoder.run) / SETTINGS_FILE
    return RunSettings.load(path).train_size if path.is_file() else None
