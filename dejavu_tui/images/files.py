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
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("is not a regular file")
        parts = []
        left = limit + 1
        while left and (part := os.read(handle, min(left, _PART))):
            parts.append(part)
            left -= len(part)
        data = parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        os.close(handle)
    if len(data) > limit:
        raise OSError(f"is larger than {limit >> 20} MiB")
    return data


def reason(error: OSError) -> str:
    """Return what went wrong, in words, without the path."""
    return error.strerror or str(error)
