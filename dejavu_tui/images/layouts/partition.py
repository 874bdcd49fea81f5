"""An ImageFolder with the index files of the audited paper's code: `bbox_A.npy`, `bbox_B.npy`, `public.npy` and
perhaps `shared.npy`, in a folder that is named as the annotations.

An index counts the images as torchvision's ImageFolder does: class by class, folder by folder, name by name. The
parts A, B, X and shared come from these files; what they leave out is in no part. VOC files are looked for as for
an ImageFolder, and also in `Annotation/` in or beside the folder of the index files.
"""

import os
from pathlib import Path
from typing import Any, Never

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.layouts import imagefolder
from dejavu_tui.images.listing import Listing, listed
from dejavu_tui.images.walk import walk
from dejavu_tui.text import safe_text

_FILES = {"bbox_A": "A", "bbox_B": "B", "public": "X", "shared": "shared"}
_NEEDED = ("bbox_A", "bbox_B", "public")
_COUNTED = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""What torchvision takes for an image, by the end of its name, whatever the case."""
_FIX = "give the folder that the index files were made from, as it was"


def recognises(path: Path, *, annotations: Path | None) -> bool:  # noqa: ARG001  as every layout is asked
    """Tell whether `annotations` is a folder of index files."""
    return annotations is not None and (annotations / "bbox_A.npy").is_file()


def read(path: Path, *, annotations: Path | None) -> Listing:
    """List the images below the folder `path`, with the parts of the index files in the folder `annotations`.

    Raises RequestError: no such folders. AnnotationError: an index file is damaged, counts other images than there
    are, or two of them share an image.
    """
    if annotations is None:
        raise RequestError("no index files are named", where="--annotations", fix="give the folder of bbox_A.npy")
    boxes = imagefolder.find_annotations(path) or imagefolder.find_annotations(annotations)
    found = imagefolder.read(path, annotations=boxes)
    counted = pl.Series("path", _counted(path), pl.String)
    parts = pl.DataFrame({"index": pl.Series(dtype=pl.Int64), "part": pl.Series(dtype=pl.String)})
    for name, part in _FILES.items():
        indices = _indices(annotations / f"{name}.npy", needed=name in _NEEDED, total=len(counted))
        parts = parts.vstack(pl.DataFrame({"index": indices, "part": pl.repeat(part, len(indices), eager=True)}))
    twice = parts.filter(pl.col("index").is_duplicated())
    if not twice.is_empty():
        _refuse(f"image {twice['index'][0]} stands twice in the index files", annotations)
    named = counted.to_frame().with_row_index("index").with_columns(pl.col("index").cast(pl.Int64))
    given = named.join(parts, on="index", how="inner").select("path", "part")
    known = {*found.images["path"], *(path for path, _ in found.refused)}
    lost = [one for one in given["path"] if one not in known]
    if lost:
        _refuse(f"the index files count {lost[0]}, which is not among the images of the class folders", path)
    images = found.images.drop("part").join(given, on="path", how="left", maintain_order="left")
    return Listing(
        root=path,
        images=listed(images),
        annotations=annotations,
        refused=found.refused,
        ignored=found.ignored,
    )


def _counted(path: Path) -> list[str]:
    """Return the paths of the images in the order in which torchvision counts them.

    Raises AnnotationError: it would count what is not looked at here, so that no index is known.
    """
    paths = []
    for found in walk(path):
        folders, _, name = found.path.rpartition("/")
        if found.sort in ("link", "unnameable") or name.startswith("."):
            what = "is a link, hidden or not named in UTF-8, and the index files may count it"
            _refuse(what, path / found.path, fix="remove it, if they do not")
        if folders and os.path.splitext(name)[1].lower() in _COUNTED:
            paths.append(found.path)
    return sorted(paths, key=lambda one: (one.split("/", 1)[0], *one.rpartition("/")[::2]))


def _indices(file: Path, *, needed: bool, total: int) -> NDArray[np.int64]:
    """Return the numbers in an index file. Raises AnnotationError: see `read`."""
    if not needed and not file.exists():
        return np.empty(0, np.int64)
    if not file.is_file():
        _refuse("is no regular file", file)
    try:
        array: NDArray[Any] = np.lib.format.open_memmap(file, mode="r")
    except Exception:  # numpy reads a header as Python, which fails in many ways
        _refuse("is no readable index file", file)
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        _refuse(f"holds {array.dtype} {array.shape}, not a row of whole numbers", file)
    if array.size > total or int(array.min()) < 0 or int(array.max()) >= total:
        _refuse(f"counts other images than the {total} that are there", file)
    return array.astype(np.int64)


def _refuse(what: str, where: Path, *, fix: str = _FIX) -> Never:
    raise AnnotationError(what, where=safe_text(str(where)), fix=fix)
