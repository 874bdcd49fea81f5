"""Images that a file names, compared with those that are there.

A name only counts if it is a path below the folder, of a regular file, over no link: no file is opened because
another one says so.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Never

import polars as pl

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.walk import WHY, walk
from dejavu_tui.text import safe_text


def file_that_names(path: Path, annotations: Path | None, *, found: Path | None, what: str) -> Path:
    """Return the file that names the images of the folder `path`: `annotations`, else what was `found`.

    Raises RequestError: no folder, or there is no such `what`.
    """
    if not path.is_dir():
        raise RequestError("is no folder", where=safe_text(str(path)), fix="check the path")
    file = annotations or found
    if file is None:
        where = safe_text(str(path))
        raise RequestError(f"no {what} belongs to it", where=where, fix="name it with --annotations")
    return file


def only_one(files: Sequence[Path]) -> Path | None:
    """Return the one of `files`, None if there is none. Raises RequestError: there are several."""
    if len(files) > 1:
        names = ", ".join(safe_text(str(file)) for file in files)
        raise RequestError(f"several files name the images: {names}", fix="say which with --annotations")
    return files[0] if files else None


def refuse(what: str, file: Path) -> Never:
    """Raise AnnotationError about `file`, which names images."""
    fix = "correct it, or give another with --annotations; its paths begin at the folder of images"
    raise AnnotationError(safe_text(what, limit=200), where=safe_text(str(file)), fix=fix)


@dataclass(frozen=True)
class Named:
    """Of a table of named images (column path) those that are there; the others, and how many files nobody names,
    as in `Listing`.
    """

    there: pl.DataFrame
    refused: tuple[tuple[str, str], ...]
    ignored: int


def find_named(root: Path, named: pl.DataFrame, *, by: Path) -> Named:
    """Look which images of `named` are below the folder `root`; the file `by` names them and is not counted.

    Raises AnnotationError: none of them is there.
    """
    sorts: dict[str, str] = {}
    others = 0
    for found in walk(root):
        if found.sort == "other":
            others += root / found.path != by
        else:
            sorts[found.path] = found.sort
    there, refused = [], []
    for path in named["path"]:
        sort = sorts.pop(path, None)
        if sort is None:
            sort = _look_for(root, path)
            others -= sort == "image"  # it was counted, by a name like no image's
        if sort == "image":
            there.append(path)
        else:
            refused.append((path, WHY.get(sort, sort)))
    if refused and not there:
        path, why = refused[0]
        refuse(f"none of the {len(refused)} images that it names can be used; the first, {path}, {why}", by)
    return Named(
        named.join(pl.Series("path", there, pl.String).to_frame(), on="path", how="semi", maintain_order="left"),
        tuple(sorted(refused)),
        others + len(sorts),
    )


def _look_for(root: Path, path: str) -> str:
    """Return `image` for a regular file at `path`, whatever its name, else why it is none."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path or str(PurePosixPath(path)) != path:
        return "is named in a file, and is no plain path below the folder"
    place = os.fspath(root)
    mode = stat.S_IFDIR
    for part in parts:
        place = f"{place}/{part}"
        try:
            mode = os.lstat(place).st_mode
        except OSError:
            return "is named in a file, and is not there"
        if stat.S_ISLNK(mode):
            return "link"
    return "image" if stat.S_ISREG(mode) else "special"
