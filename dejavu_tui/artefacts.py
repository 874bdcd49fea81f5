"""Folders that are complete or absent: written beside their place, synced, hashed, renamed; checked when read."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dejavu_tui.errors import ArtefactError

MANIFEST = "manifest.json"


class FileStamp(BaseModel):
    """Size in bytes and hash of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str


class Manifest(BaseModel):
    """What an artefact was made from and holds. `identity` alone decides whether it is the one asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    kind: str
    identity: dict[str, Any]
    """Settings and hashes of all inputs, as JSON values."""
    files: dict[str, FileStamp]
    counts: dict[str, int]
    versions: dict[str, str]
    how: dict[str, str] = {}
    """What may decide the last bits and no more, such as the device that computed."""


@dataclass
class Draft:
    """An artefact being written: put files into `folder`, note `counts`, and `how` it was made.

    Files named in `editable` belong to the user afterwards: the manifest does not stamp them.
    """

    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    editable: frozenset[str] = frozenset()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: object) -> str:
    """Return the SHA-256 of `value` as canonical JSON: equal values give equal hashes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old bytes or the new ones, also after a crash."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # a full disk does not say which file it cut short
        raise
    _sync(path.parent)


@contextmanager
def publish(
    target: Path, *, kind: str, identity: Mapping[str, Any], libraries: tuple[str, ...] = ("numpy", "polars")
) -> Iterator[Draft]:
    """Give a temporary folder to fill; when the block ends without an error it becomes `target`.

    A file or folder that stands at `target` is replaced by the complete new one. `libraries` are the
    distributions whose versions are noted.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    try:
        draft = Draft(folder)
        yield draft
        files = {
            str(path.relative_to(folder)): FileStamp(size=path.stat().st_size, sha256=sha256_file(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in draft.editable
        }
        manifest = Manifest(
            kind=kind,
            identity=json.loads(json.dumps(identity)),
            files=files,
            counts=draft.counts,
            versions={name: version(name) for name in ("dejavu-tui", *libraries)},
            how=draft.how,
        )
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        for path in folder.rglob("*"):
            _sync(path)
        _sync(folder)
        _replace(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_manifest(target: Path, *, kind: str) -> Manifest | None:
    """Return the manifest of the artefact at `target`, None where there is none.

    Raises ArtefactError: it cannot be read or is of another kind.
    """
    path = target / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        raise ArtefactError("cannot be read", where=path, fix=f"remove {target} and run again") from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        raise ArtefactError("is damaged", where=path, fix=f"remove {target} and run again") from None
    if manifest.kind != kind:
        raise ArtefactError(f"holds {manifest.kind!r}, not {kind!r}", where=target, fix="remove it and run again")
    return manifest


def digest(target: Path, *, kind: str) -> str:
    """Return a hash of what the artefact at `target` was made from and holds, for the identity of later ones.

    Raises ArtefactError: there is no complete artefact.
    """
    manifest = read_manifest(target, kind=kind)
    if manifest is None:
        raise ArtefactError(f"no complete {kind} there", where=target, fix="run the command that makes it")
    return sha256_json([manifest.identity, {name: stamp.sha256 for name, stamp in manifest.files.items()}])


def is_current(target: Path, *, kind: str, identity: Mapping[str, Any]) -> bool:
    """Tell whether `target` holds the artefact made from just these settings and inputs."""
    manifest = read_manifest(target, kind=kind)
    return manifest is not None and manifest.identity == json.loads(json.dumps(identity))


def verify(target: Path, *, kind: str) -> Manifest:
    """Check every file that the manifest at `target` names, and return the manifest.

    Raises ArtefactError: there is no complete artefact, or a file of it is missing or changed.
    """
    manifest = read_manifest(target, kind=kind)
    if manifest is None:
        raise ArtefactError(f"no complete {kind} there", where=target, fix="run the command that makes it")
    names = sorted(manifest.files)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = pool.map(lambda name: _fault(target / name, manifest.files[name]), names)
        for name, fault in zip(names, faults, strict=True):
            if fault:
                raise ArtefactError(fault, where=target / name, fix=f"remove {target} and run again to remake it")
    return manifest


def _fault(path: Path, stamp: FileStamp) -> str | None:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != stamp.size or sha256_file(path) != stamp.sha256:
        return "is damaged (its hash differs from the manifest's)"
    return None


def _replace(folder: Path, target: Path) -> None:
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    try:
        if target.exists():
            os.rename(target, old / "previous")
        os.rename(folder, target)
        _sync(target.parent)
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
