"""A folder of links to the images of an audit, named so that no shell and no terminal stumbles over them."""

import os
import shutil
import tempfile
from pathlib import Path

import polars as pl

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.text import safe_text
from dejavu_tui.workspace import Audit

README = "README.txt"
_STEM_BYTES = 200
_ENDING = 16


def link_folder(
    audit: Audit, rows: pl.DataFrame, out: Path, *, warning: str, progress: Progress, stop: Stop
) -> list[str]:
    """Make the folder `out` of links to the images of `rows` (table SAMPLES), and return paths that are not there.

    A folder that `link_folder` made is replaced. The links are relative where the folder and the images lie in the
    folder that the audit is in, so that all three can be moved together.

    Raises RequestError: `out` is something else; ArtefactError: the image folder is not there; StoppedError.
    """
    source, place = audit.source.resolve(), out.parent.resolve() / out.name
    home = audit.root.parent
    together = source.is_relative_to(home) and place.is_relative_to(home)
    missing = []
    room = Path(tempfile.mkdtemp(prefix=f".{out.name[:64]}.", suffix=".tmp", dir=out.parent))
    try:
        draft = room / "new"
        draft.mkdir(mode=0o700)
        wanted = rows.select("image_id", "label_name", "path").iter_rows()
        for done, (image_id, name, path) in enumerate(wanted, start=1):
            if stop():
                raise StoppedError
            image = source / path
            if image.is_file():
                target = os.path.relpath(image, place) if together else image
                (draft / link_name(image_id, name, path)).symlink_to(target)
            else:
                missing.append(path)
            progress(Step("links", done, rows.height))
        (draft / README).write_text(f"{warning}\n", encoding="utf-8")
        (draft / README).chmod(0o600)
        if os.path.lexists(out):
            _check_ours(out, warning=warning)
            os.rename(out, room / "old")
        os.rename(draft, out)
    finally:
        shutil.rmtree(room, ignore_errors=True)  # removes links, never what they lead to
    return missing


def link_name(image_id: int, class_name: str, path: str) -> str:
    """Return `<id>-<class>-<file name>`: letters, digits, `.`, `_` and `-` alone, up to 216 bytes or so."""
    file = Path(path).name
    stem, ending = os.path.splitext(file)
    safe = "".join(ch if ch.isalnum() or ch in "._-" else "_" for ch in f"{image_id}-{class_name}-{stem}")
    return safe.encode()[:_STEM_BYTES].decode(errors="ignore") + "".join(
        ch for ch in ending[:_ENDING] if ch.isalnum() or ch == "."
    )


def _check_ours(out: Path, *, warning: str) -> None:
    """Raise RequestError unless `out` is a folder of links that was made here, and nothing else is in it."""
    ours = out.is_dir() and not out.is_symlink()
    if ours:
        others = [path for path in out.iterdir() if not path.is_symlink()]
        ours = [path.name for path in others] == [README] and others[0].read_bytes() == f"{warning}\n".encode()
    if not ours:
        raise RequestError("is no folder of links", where=safe_text(str(out)), fix="choose another place")
