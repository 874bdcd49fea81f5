"""What was seen of images before a stop: groups of them, kept until the split is written."""

import os
from pathlib import Path

import polars as pl

from dejavu_tui.artefacts import is_current, publish, sha256_json, verify
from dejavu_tui.errors import ArtefactError
from dejavu_tui.images.listing import MARKED
from dejavu_tui.tables import Table

_KIND = "seen"


class Kept:
    """Groups of images below `folder`; None keeps nothing. They are told apart by the paths of their files and by
    what the system tells of these.

    `how` is what else decides what is seen; `seen` the table of it.
    """

    def __init__(self, folder: Path | None, *, how: str, seen: Table) -> None:
        self._folder, self._how, self._seen = folder, how, seen

    def identity(self, root: Path, group: pl.DataFrame) -> dict[str, str]:
        """Return what tells `group` (columns path below `root`, annotation) as its files are now."""
        if self._folder is None:
            return {}
        files = [
            (path, _state(f"{root}/{path}"), annotation, annotation and _state(annotation))
            for path, annotation in group.iter_rows()
        ]
        return {"how": self._how, "files": sha256_json([str(root), files])}

    def find(self, identity: dict[str, str]) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return what was seen of the group of this `identity`, and the boxes in it (table MARKED), if kept."""
        if self._folder is None:
            return None
        place = self._place(self._folder, identity)
        try:
            if not is_current(place, kind=_KIND, identity=identity):
                return None
            verify(place, kind=_KIND)
            return self._seen.read(place / "seen.parquet"), MARKED.read(place / "marked.parquet")
        except ArtefactError:  # it can be seen again
            return None

    def keep(self, identity: dict[str, str], seen: pl.DataFrame, marked: pl.DataFrame) -> None:
        """Keep what was `seen` of the group that had this `identity` before, and the boxes `marked` in it."""
        if self._folder is None:
            return
        with publish(self._place(self._folder, identity), kind=_KIND, identity=identity) as draft:
            self._seen.write(seen, draft.folder / "seen.parquet")
            MARKED.write(marked, draft.folder / "marked.parquet")

    @staticmethod
    def _place(folder: Path, identity: dict[str, str]) -> Path:
        return folder / sha256_json(identity)[:32]


def _state(path: str) -> tuple[int, ...] | None:
    """Return what changes when the file at `path` is written; None: it cannot be told."""
    try:
        told = os.lstat(path)
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_dev, told.st_ino
