"""The nearest public images to any picture, under A and under B, from the stored index of X."""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from dejavu_tui.artefacts import digest
from dejavu_tui.embeddings.store import EMBEDDINGS
from dejavu_tui.errors import RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.neighbours.base import check_k
from dejavu_tui.neighbours.hnsw import HnswSearch
from dejavu_tui.records import EncoderId, Progress, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.embed import load_encoder
from dejavu_tui.workflows.index import INDEX, build_index, load_index
from dejavu_tui.workflows.pairs import prepare_pairs
from dejavu_tui.workflows.show import identify
from dejavu_tui.workspace import Audit

COLUMNS = ("encoder", "rank", "image_id", "path", "label_name", "distance")


def query(
    audit: Audit,
    picture: Path,
    *,
    crop: Box | None = None,
    run: str | None = None,
    epoch: int | None = None,
    layer: str | None = None,
    k: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> pl.DataFrame:
    """Return encoder (A or B), rank (1 the nearest), image_id, path, label_name and distance of `k` images of X.

    `crop` is in stored pixels; None: the whole picture. An index that is missing is built and kept.

    Raises ImageError; RequestError: the crop reaches outside the picture, k > |X|, no such run, epoch or layer.
    """
    image = open_picture(picture)
    if crop is not None and not (0 <= crop.x0 < crop.x1 <= image.width and 0 <= crop.y0 < crop.y1 <= image.height):
        raise RequestError(
            f"the crop reaches outside the {image.width}x{image.height} pixels",
            where=picture,
            fix="give --crop x0,y0,x1,y1 inside it",
        )
    epochs = None if epoch is None else (epoch,)
    (pair,), (at_layer,) = prepare_pairs(
        audit, run=run, epochs=epochs, layers=None if layer is None else (layer,), progress=progress, stop=stop
    )
    names = audit.members("X").select("image_id", "path", "label_name")
    wanted = min(audit.settings.k, names.height) if k is None else k
    check_k(wanted, size=names.height)
    tables = []
    for trainer, encoder in pair.encoders.items():
        index = _opened(audit, encoder, layer=at_layer, progress=progress, stop=stop)
        pixels = preprocess(image, crop=crop, size=pair.cards[trainer].input_size)
        loaded = load_encoder(audit, encoder)
        vectors = loaded.embed(pixels[None], layers=[at_layer], names=[str(picture)])[at_layer]  # (1, d)
        found = index.search(np.asarray(vectors), k=wanted)
        near = pl.DataFrame({"image_id": found.ids[0], "distance": found.distances[0]})
        table = near.with_columns(encoder=pl.lit(trainer), rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        tables.append(table.join(names, on="image_id", how="left", maintain_order="left"))
    return pl.concat(tables).select(COLUMNS)


def _opened(audit: Audit, encoder: EncoderId, *, layer: str, progress: Progress, stop: Stop) -> HnswSearch:
    """Return the index of X, built if missing."""
    folder, found = build_index(audit, encoder, layer=layer, progress=progress, stop=stop)
    vectors = audit.embeddings_folder(encoder, layer=layer, view="public")
    of = digest(folder, kind=INDEX), digest(vectors, kind=EMBEDDINGS)
    return _loaded(folder, vectors, found.ef, of)


@lru_cache(maxsize=2)
def _loaded(folder: Path, vectors: Path, ef: int, _of: tuple[str, str]) -> HnswSearch:
    """Return the index; those of SSL_A and SSL_B asked last stay in memory, for whoever asks again and again."""
    return load_index(folder, vectors=vectors, ef=ef)


def find_picture(audit: Audit, typed: str) -> Path:
    """Return the file that `typed` names: an image_id of the audit, a path on disk, or one as in the tables.

    `~` is the home folder. A file whose name is a number is named as `./17`.
    Raises RequestError: it names none; ArtefactError: the images of the audit are not there.
    """
    if not typed.isdecimal():
        on_disk = os.path.expanduser(typed)
        if os.path.isfile(on_disk):  # Path.is_file raises where a name is long
            return Path(on_disk)
    try:
        image_id = identify(audit, typed)
    except RequestError:
        fix = "give a picture's path, or the image_id of one of the audit"
        raise RequestError(
            "is no file and no image of the audit", where=safe_text(typed, limit=200), fix=fix
        ) from None
    return audit.source / str(audit.images.filter(image_id=image_id)["path"][0])
