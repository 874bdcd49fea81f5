"""The files below a folder, without following a link: an image would be met twice, or forever."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".bmp",
    ".ppm",
    ".pgm",
    ".pbm",
    ".gif",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".jp2",
)
"""What the names of images end in, whatever the case; formats that are not read are refused later, by name."""
WHY = {
    "link": "is a link, and links are not followed",
    "special": "is not a regular file",
    "unnameable": "has a name that is not UTF-8",
}
"""Why what looks like an image is refused, by sort."""


Sort: TypeAlias = Literal["image", "link", "special", "unnameable", "other"]


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its path below the folder, with /, and its sort.

    `image`: a regular file that is named like one; `link` and `special`: named so, and a link or a pipe or device,
    also a link to a folder; `unnameable`: named so, or a folder, and the name is not
    UTF-8; `other`: hidden, a hidden folder, or named otherwise.
    """

    path: str
    sort: Sort


def walk(base: Path, *, skip: Collection[Path] = ()) -> Iterator[Found]:
    """Yield every file below `base`, in any order; nothing of the folders `skip`, nor of an unnameable one."""
    folders = [""]
    while folders:
        inside = folders.pop()
        with os.scandir(base / inside) as items:
            for item in items:
                path = f"{inside}/{item.name}" if inside else item.name
                folder = item.is_dir(follow_symlinks=False)
                if folder and item.name.startswith("."):
                    yield Found(_named(path), "other")
                elif _named(path) != path:
                    yield Found(_named(path), "unnameable" if folder or _sort(item) != "other" else "other")
                elif not folder:
                    yield Found(path, _sort(item))
                elif not (skip and Path(item.path) in skip):
                    folders.append(path)


def _sort(item: os.DirEntry[str]) -> Sort:
    if item.name.startswith("."):
        return "other"
    image = os.path.splitext(item.name)[1].lower() in SUFFIXES
    if item.is_symlink() and (image or os.path.isdir(item.path)):
        return "link"
    if not image:
        return "other"
    return "image" if item.is_file(follow_symlinks=False) else "special"


def _named(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
