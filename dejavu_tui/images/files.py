"""Reading a file that somebody else made: regular files only, never more bytes than expected."""

import os
import stat
from pathlib import Path

_PART = 1 << 20
"""Bytes of one read."""


def read_regular(path: Path | str, *, limit: int) -> bytes:
    """Return the bytes of the regular file at `path`, at most `limit` of them.

    Raises OSError: it cannot be opened, is a pipe, device or folder (none of which is waited for), or is larger.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        told = os.fstat(handle)
        if not stat.S_ISREG(told.st_mode):
            raise OSError("is not a regular file")
        data = os.read(handle, min(told.st_size, limit) + 1)
        if len(data) != told.st_size:  # it is larger than a read may be, or has changed since
            data += _rest(handle, limit + 1 - len(data))
    finally:
        os.close(handle)
    if len(data) > limit:
        raise OSError(f"is larger than {limit >> 20} MiB")
    return data


def _rest(handle: int, most: int) -> bytes:
    parts = []
    while most and (part := os.read(handle, min(most, _PART))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def reason(error: OSError) -> str:
    """Return what went wrong, in words, without the path."""
    return error.strerror or str(error)
