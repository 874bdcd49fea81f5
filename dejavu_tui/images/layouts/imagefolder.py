"""ImageFolder: one folder for each class, its images at any depth below it.

The class folders lie directly in the source folder or in `images/` in it. Bounding boxes, if any, lie in
`Annotation/` or `Annotations/` in or beside it, as VOC XML: `<class>/<id>.xml` for the image `<class>/<id>.png`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dejavu_tui.errors import ImageError, RequestError
from dejavu_tui.images.listing import LISTED, Listing
from dejavu_tui.text import safe_text

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
_ANNOTATIONS = ("Annotation", "Annotations")


def recognises(path: Path) -> bool:
    """Tell whether `path` is a folder with at least one class folder that holds an image."""
    return path.is_dir() and any(found.sort == "image" for found in _walk(_base(path)))


def read(path: Path, *, annotations: Path | None) -> Listing:
    """List the images below the folder `path`. Links are not followed: an image would be met twice, or forever.

    `annotations` is the folder of the boxes; None: look in the usual places.
    Raises RequestError: `path` or `annotations` is no folder. ImageError: a name that is not UTF-8.
    """
    for folder in (path, annotations):
        if folder is not None and not folder.is_dir():
            raise RequestError("is no folder", where=safe_text(str(folder)), fix="check the path")
    boxes = annotations or _find_annotations(path)
    base = _base(path)
    prefix = "" if base == path else f"{base.name}/"
    images: list[tuple[str, str, str | None]] = []
    refused: list[tuple[str, str]] = []
    ignored = 0
    for found in _walk(base, skip=boxes):
        if found.sort == "other":
            ignored += 1
        elif found.sort == "image":
            xml = None if boxes is None else f"{boxes}/{os.path.splitext(found.path)[0]}.xml"
            there = xml is not None and os.path.lexists(xml)
            images.append((prefix + found.path, found.path.split("/", 1)[0], xml if there else None))
        else:
            refused.append((prefix + found.path, found.sort))
    return Listing(
        root=path,
        images=LISTED.check(pl.DataFrame(images, LISTED.schema, orient="row").sort("path")),
        annotations=boxes,
        refused=tuple(sorted(refused)),
        ignored=ignored,
    )


@dataclass(frozen=True)
class _Found:
    path: str
    """Relative to the folder of the classes, with /."""
    sort: str
    """`image`, `other`, or why an image is refused."""


def _walk(base: Path, *, skip: Path | None = None) -> Iterator[_Found]:
    folders = [""]
    while folders:
        inside = folders.pop()
        with os.scandir(base / inside) as items:
            for item in items:
                path = f"{inside}/{item.name}" if inside else item.name
                _check_name(base, path)
                if not item.is_dir(follow_symlinks=False):
                    yield _Found(path, _sort(item, in_class=bool(inside)))
                elif item.name.startswith("."):
                    yield _Found(path, "other")
                elif not (skip and Path(item.path) == skip):
                    folders.append(path)


def _sort(item: os.DirEntry[str], *, in_class: bool) -> str:
    if item.name.startswith("."):
        return "other"
    image = os.path.splitext(item.name)[1].lower() in SUFFIXES
    if item.is_symlink() and (image or os.path.isdir(item.path)):
        return "is a link, and links are not followed"
    if not image:
        return "other"
    if not item.is_file(follow_symlinks=False):
        return "is not a regular file"
    return "image" if in_class else "is in no class folder"


def _check_name(base: Path, path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ImageError(
            "has a name that is not UTF-8", where=safe_text(str(base / path)), fix="rename it"
        ) from None


def _base(path: Path) -> Path:
    """Return the folder of the class folders: `images/` if it has folders in it, else `path` itself."""
    inner = path / "images"
    if inner.is_dir() and not inner.is_symlink() and any(item.is_dir() for item in inner.iterdir()):
        return inner
    return path


def _find_annotations(path: Path) -> Path | None:
    places = (parent / name for parent in (path, path.parent) for name in _ANNOTATIONS)
    return next((place for place in places if place.is_dir()), None)
