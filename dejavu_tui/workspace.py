"""The audit folder: how it is found, where things are in it, and who may write."""

import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from dejavu_tui.artefacts import MANIFEST, digest, verify, write_atomically
from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import ArtefactError, BusyError, RequestError, SettingsError
from dejavu_tui.records import EncoderId, View
from dejavu_tui.tables import BOXES, COPIES, CROPS, DROPPED, HASHES, IMAGES, PARTS, Table

SETTINGS_FILE = "audit.toml"
PIECES = ".pieces"
"""Folder, in that of a stage, of what is finished in part."""
_HOLDER = ".lock.json"
_EDITABLE = ("source", "annotations", "k")
"""Settings that may be changed by hand: where the images are now, and how many neighbours vote by default."""
_MAKE_ONE = "make one with `dejavu split IMAGES`, or `dejavu demo`"


def find_audit(typed: Path | None = None, *, start: Path | None = None) -> "Audit":
    """Return the audit that is meant: the one typed, else the one `start` (the current folder) lies in,
    else the only one directly below it.

    Raises RequestError: there is none, or several.
    """
    if typed is not None:
        if not (typed / SETTINGS_FILE).is_file():
            raise RequestError(f"is no audit folder (no {SETTINGS_FILE} in it)", where=typed, fix=_MAKE_ONE)
        return Audit(typed.resolve())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return Audit(folder)
    below = sorted(path.parent for path in here.glob(f"*/{SETTINGS_FILE}"))
    if len(below) == 1:
        return Audit(below[0])
    if below:
        names = ", ".join(path.name for path in below)
        raise RequestError(f"several audit folders here: {names}", where=here, fix="name the one you mean")
    raise RequestError("no audit folder here", where=here, fix=_MAKE_ONE)


class Audit:
    """One audit folder, read-only in itself; stages write into it through `artefacts.publish`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._verified = False
        self._overlay: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def settings(self) -> AuditSettings:
        """`audit.toml`. Raises SettingsError if it is damaged."""
        return AuditSettings.load(self.root / SETTINGS_FILE)

    @cached_property
    def source(self) -> Path:
        """Folder of the images. Raises ArtefactError if it is gone."""
        folder = self.root.parent / self.settings.source
        if not folder.is_dir():
            raise ArtefactError(
                "the image folder of this audit is not there",
                where=folder,
                fix=f"put it back, or correct `source` in {self.root / SETTINGS_FILE}",
            )
        return folder

    @cached_property
    def fingerprint(self) -> str:
        """Hash that every later artefact names as its input: images, labels, parts and crops of this audit."""
        return digest(self.root, kind="split")

    @cached_property
    def images(self) -> pl.DataFrame:
        """All images of the audit (table IMAGES), in order of image_id."""
        return self._table(IMAGES)

    @cached_property
    def boxes(self) -> pl.DataFrame:
        """All bounding boxes (table BOXES)."""
        return self._table(BOXES)

    @cached_property
    def parts(self) -> pl.DataFrame:
        """Part of each image (table PARTS)."""
        return self._table(PARTS)

    @cached_property
    def crops(self) -> pl.DataFrame:
        """Background crop, or the reason why there is none (table CROPS)."""
        return self._table(CROPS)

    @cached_property
    def dropped(self) -> pl.DataFrame:
        """Images of the source folder that are in no part (table DROPPED)."""
        return self._table(DROPPED)

    @cached_property
    def copies(self) -> pl.DataFrame:
        """Images of the audit that are copies of others (table COPIES)."""
        return self._table(COPIES)

    @cached_property
    def hashes(self) -> pl.DataFrame:
        """SHA-256 of the file of each image, as the split saw it (table HASHES)."""
        return self._table(HASHES)

    def members(self, *parts: str) -> pl.DataFrame:
        """Return the rows of `images`, with their `part`, that belong to `parts`, in order of image_id."""
        chosen = self.parts.filter(pl.col("part").is_in(parts))
        return self.images.join(chosen, on="image_id", how="inner").sort("image_id")

    @property
    def classes(self) -> int:
        """How many classes there are: labels are 0 .. classes - 1."""
        return int(self.images["label"].max()) + 1  # type: ignore[arg-type]

    @property
    def class_names(self) -> pl.DataFrame:
        """Label and label_name of each class, in order of label."""
        return self.images.select("label", "label_name").drop_nulls().unique("label").sort("label")

    def attacked(self) -> pl.DataFrame:
        """Return the images that are attacked: rows of `members` of A, B and E that have a crop x0, y0, x1, y1."""
        return self._attacked

    @cached_property
    def _attacked(self) -> pl.DataFrame:
        crops = self.crops.filter(pl.col("reason").is_null()).drop("reason")
        return self.members("A", "B", "E").join(crops, on="image_id", how="inner").sort("image_id")

    def run_folder(self, run: str) -> Path:
        """Folder of the training `run`."""
        return self.root / "encoders" / run

    def onnx_folder(self, encoder: EncoderId) -> Path:
        """Folder that holds `encoder.onnx` and its card `encoder.json`."""
        return self.run_folder(encoder.run) / "onnx" / encoder.folder

    def embeddings_folder(self, encoder: EncoderId, *, layer: str, view: View) -> Path:
        """Folder of the embeddings of `view` under `encoder` at `layer`."""
        return self._derived("embeddings", encoder.run, encoder.folder, layer, view)

    def pieces_folder(self, stage: str, *names: str) -> Path:
        """Folder of what of `stage` (embeddings, neighbours) is finished in part."""
        root = self.root if self.writable else self._temporary()
        return root.joinpath(stage, PIECES, *names)

    @property
    def writable(self) -> bool:
        """Whether the audit folder can be written; else what is derived goes to a temporary one."""
        return os.access(self.root, os.W_OK)

    def index_folder(self, encoder: EncoderId, *, layer: str) -> Path:
        """Folder of the hnswlib index of X under `encoder` at `layer`."""
        return self._derived("indexes", encoder.run, encoder.folder, layer)

    def neighbours_folder(self, encoder: EncoderId, *, layer: str, search: str) -> Path:
        """Folder of the neighbours in X of all attacked crops."""
        return self._derived("neighbours", encoder.run, encoder.folder, layer, search)

    def scores_folder(self, run: str, *, epoch: int, layer: str, name: str) -> Path:
        """Folder of what was inferred and scored from one snapshot of A and B."""
        return self._derived("scores", run, f"{epoch:06d}", layer, name)

    @contextmanager
    def lock(self, *, at: Path | None = None) -> Iterator[None]:
        """Hold the right to write the folder `at` (the whole audit); never waits.

        Raises BusyError, naming who holds it. The lock of a killed process is free at once.
        """
        folder = at or self.root
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        holder = folder / _HOLDER
        lock = FileLock(folder / ".lock", timeout=0, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise BusyError(
                f"is being written by {_holder(holder)}", where=folder, fix="wait for it, or end that process"
            ) from None
        try:
            since = datetime.now(UTC).isoformat("T", "seconds")
            who = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
            write_atomically(holder, json.dumps(who).encode())
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def _table(self, table: Table) -> pl.DataFrame:
        if not self._verified:
            self._verify()
        return table.read(self.root / f"{table.name}.parquet")

    def _verify(self) -> None:
        try:
            manifest = verify(self.root, kind="split")
        except ArtefactError as error:  # its own advice, to remove the folder, would cost the trainings in it
            fix = "restore it from a copy, or make another audit with `dejavu split`"
            raise ArtefactError(error.what, where=error.where, fix=fix) from None
        asked = AuditSettings.parse(manifest.identity.get("settings", {}), where=self.root / MANIFEST)
        changed = [line for line in self.settings.differences(asked) if line.split(":")[0] not in _EDITABLE]
        if changed:
            raise SettingsError(
                f"was changed after the split ({'; '.join(changed)})",
                where=self.root / SETTINGS_FILE,
                fix="undo the change, or make another audit with `dejavu split`",
            )
        self._verified = True

    def _temporary(self) -> Path:
        if self._overlay is None:
            self._overlay = tempfile.TemporaryDirectory(prefix="dejavu-")
        return Path(self._overlay.name)

    def _derived(self, *names: str) -> Path:
        """Place of a derived folder; in an audit that cannot be written a temporary one, at first a link to what is
        there, so that another result can take its place.
        """
        path = self.root.joinpath(*names)
        if self.writable:
            return path
        place = self._temporary().joinpath(*names)
        if path.exists() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another thread was faster
                place.symlink_to(path.resolve())
        return place


def holder_lives(folder: Path) -> bool:
    """Tell whether a living process on this machine holds the lock of `folder`; the lock is not touched."""
    try:
        who = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        if who["host"] != socket.gethostname():
            return False
        os.kill(int(who["pid"]), 0)
    except PermissionError:
        return True  # it lives, and is another user's
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False
    return True


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"process {int(who['pid'])} on {str(who['host'])[:64]} since {str(who['since'])[:32]}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
