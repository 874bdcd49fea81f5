"""The images of an audit are held to what its split saw before anything is computed from them."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

from dejavu_tui.artefacts import read_manifest, sha256_json
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.images.pixels import THREADS, open_picture, read_image
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.text import safe_text
from dejavu_tui.workspace import Audit

SOURCE_FILES = "source_files"
"""Key in the identity of a split."""
_CHUNK = 256


def source_digest(files: Sequence[tuple[str, str]]) -> str:
    """Return one hash of the images of an audit: `files` are (path, SHA-256 of the bytes), in order of image_id."""
    return sha256_json(files)


def check_source(audit: Audit, *, progress: Progress, stop: Stop) -> None:
    """Raise ArtefactError or ImageError unless every image of `audit` has the bytes that the split saw.

    A crop, a label or a neighbour would otherwise belong to another picture. Raises StoppedError.
    """
    paths = audit.images["path"].to_list()
    files: list[tuple[str, str]] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(paths), _CHUNK):
            if stop():
                raise StoppedError
            chunk = paths[start : start + _CHUNK]
            hashes = pool.map(lambda path: hashlib.sha256(read_image(audit.source / path)).hexdigest(), chunk)
            files += zip(chunk, hashes, strict=True)
            progress(Step("check images", len(files), len(paths)))
    split = read_manifest(audit.root, kind="split")
    if split is None or split.identity.get(SOURCE_FILES) != source_digest(files):
        _refuse(audit)


def _refuse(audit: Audit) -> NoReturn:
    """Name the image that gives itself away, by not opening or by its size; else the folder."""
    where = audit.source
    for path, width, height in audit.images.select("path", "width", "height").iter_rows():
        if open_picture(audit.source / path).size != (width, height):
            where = audit.source / path
            break
    raise ArtefactError(
        "is not as it was at the split",
        where=safe_text(str(where)),
        fix="put the old images back, or make another audit with `dejavu split`",
    )
