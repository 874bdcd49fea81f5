"""The right to write a file that the user keeps in an audit beside the results: views and tags."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dejavu_tui.errors import BusyError, RequestError

SECONDS = 2.0
"""How long one writer waits for another; each writes one line or a small file."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the right to write the file at `path`; the audit's own lock, held by trainings, is another one.

    Raises RequestError: the folder cannot be written; BusyError: another process does not let go.
    """
    if not os.access(path.parent, os.W_OK):
        raise _read_only(path)
    lock = FileLock(path.parent / f".{path.name}.lock", timeout=SECONDS, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError("is being written by another process", where=path, fix="try again") from None
    except PermissionError:
        raise _read_only(path) from None
    try:
        yield
    finally:
        lock.release()


def _read_only(path: Path) -> RequestError:
    return RequestError(
        f"the audit cannot be written, so neither can {path.name}",
        where=path.parent,
        fix="give yourself the right to write there, or copy the audit",
    )
