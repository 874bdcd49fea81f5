"""A tiny whole audit whose encoders answer with whatever embeddings a test wants, image by image.

The left half of each image has a colour of its own, which an encoder sees of the whole image; so has the right
half, which it sees of the crop. The colour is a number, the encoder looks up its row in a table.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from PIL import Image

from dejavu_tui.config import AuditSettings
from dejavu_tui.records import EncoderId, Trainer, never, silent
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit
from tests.data.folders import voc
from tests.data.planted import RUN, model_of, publish_encoder

_SIDE = 40
_LEVELS, _STEP = 16, 16
"""Values of each colour channel, and how far they lie apart."""
_SEEN = 12
"""Columns on the left that the encoders look at."""


def lookup_audit(
    folder: Path,
    tables: Mapping[Trainer, NDArray[np.floating]],
    *,
    classes: int,
    attacked: int,
    external: int = 0,
    k: int = 10,
    seed: int = 0,
) -> Audit:
    """Return an audit in `folder`/audit, its images in `folder`/images, as many of each of `classes`.

    `tables` (2 n, d) are the embeddings of both encoders at epoch 1: of image i in row 2 i, of its crop in 2 i + 1.
    """
    images = len(tables["A"]) // 2
    for number in range(images):
        name = f"{number * classes // images:02d}/{number:04d}"
        picture = np.empty((_SIDE, _SIDE, 3), np.uint8)
        picture[:, : _SIDE // 2], picture[:, _SIDE // 2 :] = _colour(2 * number), _colour(2 * number + 1)
        for path in (folder / f"images/{name}.png", folder / f"boxes/{name}.xml"):
            path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"images/{name}.png")
        box = voc((0, 0, _SIDE // 2, _SIDE), width=_SIDE, height=_SIDE)
        (folder / f"boxes/{name}.xml").write_text(box, encoding="utf-8")
    settings = AuditSettings(
        source=str(folder / "images"),
        annotations=str(folder / "boxes"),
        per_class=attacked,
        external=external,
        k=k,
        seed=seed,
    )
    audit = write(plan(folder / "images", settings, progress=silent, stop=never), folder / "audit")
    for trainer, table in tables.items():
        look_up(audit, EncoderId(RUN, trainer, 1), table)
    return audit


def look_up(audit: Audit, encoder: EncoderId, table: NDArray[np.floating]) -> None:
    """Publish `encoder` as exported, its embeddings of images and crops those of `table` (2 n, d)."""
    constants: dict[str, NDArray[Any]] = {
        "begin": np.array([0], np.int64),
        "end": np.array([_SEEN], np.int64),
        "columns": np.array([3], np.int64),
        "space": np.array([2, 3], np.int64),
        "levels": np.array(255 / _STEP, np.float32),
        "places": np.array([1, _LEVELS, _LEVELS**2], np.float32),
        "table": table.astype(np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["pixels", "begin", "end", "columns"], ["left"]),
        helper.make_node("ReduceMean", ["left", "space"], ["colour"], keepdims=0),  # (n, 3)
        helper.make_node("Mul", ["colour", "levels"], ["level"]),
        helper.make_node("Floor", ["level"], ["digits"]),
        helper.make_node("MatMul", ["digits", "places"], ["number"]),  # (n,)
        helper.make_node("Cast", ["number"], ["row"], to=7),  # int64
        helper.make_node("Gather", ["table", "row"], ["projector"]),  # (n, d)
    ]
    dims = {"projector": table.shape[1]}
    publish_encoder(audit, encoder, model_of(nodes, constants, dims), dims=dims)


def _colour(number: int) -> tuple[int, int, int]:
    red, rest = number % _LEVELS, number // _LEVELS
    middle = _STEP // 2
    return _STEP * red + middle, _STEP * (rest % _LEVELS) + middle, _STEP * (rest // _LEVELS) + middle
