"""Who may make the pieces of an artefact: one process all of them, or several beside each other a shard each."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from dejavu_tui.errors import BusyError, RequestError
from dejavu_tui.records import Shard
from dejavu_tui.workspace import PIECES, Audit

_USED = ".used"


@contextmanager
def whole_lock(room: Path) -> Iterator[None]:
    """Hold the right to make all pieces in `room` and to put them together; where none are left, the room goes.

    Raises BusyError: another process makes them, or a shard.
    """
    with _flock(room, fcntl.LOCK_EX):
        try:
            yield
        finally:
            if not any(path.is_file() and path.name != _USED for path in room.rglob("*")):
                _remove(room)


@contextmanager
def shard_lock(audit: Audit, room: Path, shard: Shard) -> Iterator[None]:
    """Hold the right to make the pieces of `shard` in `room`.

    Raises BusyError: another process makes it, or all. RequestError: the audit cannot be written, and what is made
    would be lost.
    """
    if not audit.writable:
        what = "cannot be written: a shard would be lost"
        raise RequestError(what, where=audit.root, fix="leave --shard out, or take a copy of the audit")
    with _flock(room, fcntl.LOCK_SH), audit.lock(at=room / f"{shard.number}-of-{shard.of}"):
        yield


def _remove(room: Path) -> None:
    """Remove the folder `room`, which holds its lock alone, and what is empty then between it and PIECES."""
    shutil.rmtree(room, ignore_errors=True)
    with suppress(OSError):
        for folder in takewhile(lambda above: above.name != PIECES, room.parents):
            folder.rmdir()


@contextmanager
def _flock(room: Path, operation: int) -> Iterator[None]:
    """Hold a lock on `room`, shared or exclusive; the lock of a killed process is free at once."""
    handle = _opened(room, operation)
    try:
        yield
    finally:
        os.close(handle)


def _opened(room: Path, operation: int) -> int:
    while True:
        room.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = room / _USED
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:  # it was put together and removed just now
            continue
        try:
            fcntl.flock(handle, operation | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except FileNotFoundError:
            os.close(handle)
            continue
        except OSError:
            os.close(handle)
            fix = "wait for it, or end that process"
            raise BusyError("is being made by another process", where=room, fix=fix) from None
        os.close(handle)
