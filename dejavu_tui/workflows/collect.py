"""A selection of attacked images, taken out of the audit: a table, a list, contact sheets or a folder of links."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import polars as pl

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.errors import RequestError
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.links import link_folder
from dejavu_tui.workflows.sheets import PER_PAGE, sheets
from dejavu_tui.workflows.show import rows_of
from dejavu_tui.workspace import Audit

Form: TypeAlias = Literal["csv", "ids", "sheet", "links"]
FORMS: tuple[Form, ...] = get_args(Form)
MOST_ON_SHEETS = 1000
"""Images that contact sheets are drawn of at most."""
WARNING = "Training images of an audit, and what encoders remember of them: private data, to be handled as such."


@dataclass(frozen=True)
class Collected:
    """The files or the folder `written`, how many `images` are in them, and the paths of those that are not, or
    only as an empty field, because they cannot be read.
    """

    written: tuple[Path, ...]
    images: int
    unreadable: tuple[str, ...] = ()


def collect(
    audit: Audit,
    samples: pl.DataFrame,
    image_ids: Sequence[int],
    *,
    form: Form,
    out: Path,
    replace: bool = False,
    progress: Progress = silent,
    stop: Stop = never,
) -> Collected:
    """Write the images `image_ids` of `samples` (table SAMPLES) to `out`, each once and in this order.

    `csv`: SAMPLES without its lists. `ids`: an image_id a line. `sheet`: PNG pages of 40 images with boxes and
    crop, of several their names end in -1, -2 and so on. `links`: a folder of links to the images. Files and
    folders are private (0600, 0700), and whole or not there. What stands there is replaced only with `replace`,
    and only if it is a plain file, or such a folder of links.

    Raises RequestError: no image, one that is not attacked, over 1000 for sheets, or a place that is taken or
    cannot be; ArtefactError: the image folder is not there; StoppedError.
    """
    rows = rows_of(audit, samples, image_ids)
    if rows.is_empty():
        raise RequestError("no image is selected", fix="name at least one")
    if form == "sheet" and rows.height > MOST_ON_SHEETS:
        what = f"{rows.height} images are too many for contact sheets"
        raise RequestError(what, fix=f"take up to {MOST_ON_SHEETS}, or links")
    pages = -(-rows.height // PER_PAGE) if form == "sheet" else 1
    places = [out] if pages == 1 else [out.with_name(f"{out.stem}-{i + 1}{out.suffix}") for i in range(pages)]
    for place in places:
        check_free(place, folder=form == "links", replace=replace)
    if form == "links":
        missing = link_folder(audit, rows, out, warning=WARNING, progress=progress, stop=stop)
        return Collected((out,), rows.height - len(missing), tuple(missing))
    if form == "sheet":
        unreadable: list[str] = []
        drawn = list(sheets(audit, rows, warning=WARNING, progress=progress, stop=stop))  # all pages, or none
        for place, (png, lost) in zip(places, drawn, strict=True):
            write_atomically(place, png)
            unreadable += lost
        return Collected(tuple(places), rows.height, tuple(unreadable))
    text = rows.select(pl.exclude(pl.List) if form == "csv" else "image_id").write_csv(include_header=form == "csv")
    write_atomically(out, text.encode())
    return Collected((out,), rows.height)


def check_free(place: Path, *, folder: bool, replace: bool) -> None:
    """Raise RequestError if a file, or a `folder`, cannot be put at `place`, or only with `replace`."""
    shown = safe_text(str(place))
    if not place.parent.is_dir():
        raise RequestError("no such folder", where=safe_text(str(place.parent)), fix="make it first")
    if not folder and place.is_dir():
        raise RequestError("is a folder", where=shown, fix="name a file in it")
    if not folder and os.path.lexists(place) and (place.is_symlink() or not place.is_file()):
        raise RequestError("is no plain file", where=shown, fix="choose another place")
    if os.path.lexists(place) and not replace:
        raise RequestError(
            "is there already", where=shown, fix="add --force to replace it, or choose another place"
        )
