"""ImageFolder: one folder for each class, its images at any depth below it.

The class folders lie directly in the source folder or in `images/` in it. Bounding boxes, if any, lie in
`Annotation/` or `Annotations/` in or beside it, as VOC XML: `<class>/<id>.xml` for the image `<class>/<id>.png`.
"""

import os
from pathlib import Path

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.images.listing import Listing, listed
from dejavu_tui.images.walk import WHY, walk
from dejavu_tui.text import safe_text

FLAT = "is in no class folder"
"""Why an image directly in the source folder is refused."""
_COLUMNS = ("path", "label_name", "annotation")
_ANNOTATIONS = ("Annotation", "Annotations")


def recognises(path: Path, *, annotations: Path | None) -> bool:
    """Tell whether `path` is a folder with at least one class folder that holds an image."""
    if annotations is not None and not annotations.is_dir():
        return False
    return path.is_dir() and any(found.sort == "image" and "/" in found.path for found in walk(_base(path)))


def read(path: Path, *, annotations: Path | None) -> Listing:
    """List the images below the folder `path`. Links are not followed: an image would be met twice, or forever.

    `annotations` is the folder of the boxes; None: look in the usual places.
    Raises RequestError: `path` or `annotations` is no folder, there are images but no class folders, or it cannot
    be told which folders are classes.
    """
    for folder in (path, annotations):
        if folder is not None and not folder.is_dir():
            raise RequestError("is no folder", where=safe_text(str(folder)), fix="check the path")
    boxes = annotations or find_annotations(path)
    base = _base(path)
    prefix = "" if base == path else f"{base.name}/"
    if boxes is not None and base in boxes.resolve().parents:
        _check_no_images(boxes)
    images: list[tuple[str, str, str | None]] = []
    refused: list[tuple[str, str]] = []
    ignored = 0
    for found in walk(base, skip=() if boxes is None else (boxes,)):
        if found.sort == "other":
            ignored += 1
        elif found.sort != "image":
            refused.append((prefix + found.path, WHY[found.sort]))
        elif "/" not in found.path:
            refused.append((prefix + found.path, FLAT))
        else:
            xml = None if boxes is None else f"{boxes}/{os.path.splitext(found.path)[0]}.xml"
            there = xml is not None and os.path.lexists(xml)
            images.append((prefix + found.path, found.path.split("/", 1)[0], xml if there else None))
    if not images and any(reason == FLAT for _, reason in refused):
        raise RequestError(
            f"holds images ({safe_text(min(refused)[0])}), but no class folders",
            where=safe_text(str(path)),
            fix="name what gives their labels with --annotations: a COCO file or a manifest",
        )
    return Listing(
        root=path,
        images=listed(pl.DataFrame(images, dict.fromkeys(_COLUMNS, pl.String), orient="row")),
        annotations=boxes,
        refused=tuple(sorted(refused)),
        ignored=ignored,
    )


def _check_no_images(boxes: Path) -> None:
    for found in walk(boxes):
        if found.sort == "image":
            raise RequestError(
                f"is taken for the folder of boxes, and holds images ({safe_text(found.path)})",
                where=safe_text(str(boxes)),
                fix="give the folder of the VOC files with --annotations, or call this class otherwise",
            )


def _base(path: Path) -> Path:
    """Return the folder of the class folders: `images/` if it has folders in it, else `path` itself.

    Raises RequestError: both could be meant.
    """
    inner = path / "images"
    if not inner.is_dir() or inner.is_symlink() or not any(item.is_dir() for item in inner.iterdir()):
        return path
    for found in walk(path, skip=[inner, *(path / name for name in _ANNOTATIONS)]):
        if found.sort == "image":
            raise RequestError(
                f"class folders may be those in images/ or those beside it ({safe_text(found.path)})",
                where=safe_text(str(path)),
                fix="give the folder images/ itself, or call it otherwise",
            )
    return inner


def find_annotations(path: Path) -> Path | None:
    """Return the folder of VOC files in or beside `path`; None: there is none."""
    places = (parent / name for parent in (path, path.parent) for name in _ANNOTATIONS)
    return next((place for place in places if place.is_dir()), None)
