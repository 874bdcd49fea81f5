"""Any picture that is asked about: which it is, and what the index of X finds near it."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.cropframe import corners
from dejavu_tui.app.samples import Answer, neighbours
from dejavu_tui.errors import RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture
from dejavu_tui.records import Progress, Stop, Trainer
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.query import find_picture
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.show import identify
from dejavu_tui.workflows.stored import stored
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Asked:
    """A picture of `width` x `height` stored pixels at `path`; `word` names it to `dejavu query`.

    `image_id`, `part` and `label_name`: of an image of the audit. `crops`: such as are worth asking about, with
    their names.
    """

    word: str
    path: Path
    width: int
    height: int
    crops: tuple[tuple[str, Box], ...]
    image_id: int | None = None
    part: str | None = None
    label_name: str | None = None


def as_path(typed: str) -> str:
    """Return the path that was typed, pasted or dropped: its first line, bare of quotes and of `file://`."""
    first = next((line.strip() for line in typed.splitlines() if line.strip()), "")
    if first.lower().startswith("file://"):
        return unquote(urlsplit(first).path)
    if _is_there(first):
        return first
    try:
        words = shlex.split(first)
    except ValueError:
        return first
    return words[0] if len(words) == 1 else first


def find(audit: Audit, typed: str) -> Asked:
    """Return the picture that `typed` names: an image id or a path of the audit, or any file. Slow.

    Raises RequestError: nothing is there; ImageError: no picture, or one that is too large; ArtefactError.
    """
    word = as_path(typed)
    try:
        path = find_picture(audit, word)
        picture = open_picture(path)
    except ValueError:  # what no file system takes as a name
        raise RequestError("is no path", where=safe_text(word, limit=80), fix="type another") from None
    size = picture.width, picture.height
    crops = (("whole", Box(0, 0, *size)), *corners(*size))
    try:
        image_id = identify(audit, word if word.isdecimal() else str(path))
    except RequestError:
        return Asked(str(path.absolute()), path, *size, crops)
    image = audit.images.filter(image_id=image_id)
    part = audit.parts.filter(image_id=image_id)["part"]
    return Asked(
        str(image_id), path, *size, (crops[0], *_of_audit(audit, image_id), *crops[1:]), image_id,
        part[0] if len(part) else None, image["label_name"][0],
    )  # fmt: skip


def indexed(desk: Desk) -> bool:
    """Tell whether the index of X is there under both encoders of the snapshot on the desk."""
    view = desk.view
    return stored(desk.audit, view.run, view.epoch, layer=view.layer, k=view.k).index


def nearest(desk: Desk, asked: Asked, crop: Box | None, *, progress: Progress, stop: Stop) -> tuple[Answer, Answer]:
    """Return what SSL_A and SSL_B find near `crop` of a picture; None: all of it. Slow. Raises as `query` does."""
    view = desk.view
    found = desk.query(view, asked.path, crop, progress, stop)

    def answer(trainer: Trainer) -> Answer:
        mine = found.filter(encoder=trainer).sort("rank")
        near = neighbours(view, mine["image_id"], mine["distance"], label_name=asked.label_name or "")
        return Answer("", trainer, _saw(desk, asked, trainer), None, 0.0, hit=False, neighbours=near)

    first, second = (answer(trainer) for trainer in TRAINERS)
    return first, second


def _saw(desk: Desk, asked: Asked, trainer: Trainer) -> bool:
    """Tell whether an encoder was trained on a picture: what of A and B is attacked, it was."""
    return asked.part == trainer and not desk.view.samples.filter(pl.col("image_id") == asked.image_id).is_empty()


def _of_audit(audit: Audit, image_id: int) -> tuple[tuple[str, Box], ...]:
    """Return the crop that the encoders are attacked with, if there is one, and the boxes of the objects."""
    corners_of = ("x0", "y0", "x1", "y1")
    crop = audit.crops.filter(pl.col("reason").is_null(), image_id=image_id).select(corners_of)
    boxes = audit.boxes.filter(image_id=image_id).select(corners_of)
    named = [("crop of the audit", Box(*row)) for row in crop.iter_rows()]
    return (*named, *(("object", Box(*row)) for row in boxes.iter_rows()))


def _is_there(path: str) -> bool:
    try:
        return os.path.lexists(os.path.expanduser(path))
    except ValueError:
        return False
