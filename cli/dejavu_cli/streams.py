"""The streams of the screens: keys come from a terminal and drawing goes to one, whatever is piped."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dejavu_tui.errors import RequestError

_FIX = "use `dejavu top` for the same as a table"


def check(*, picking: bool, reading: bool) -> None:
    """Look whether there is a terminal to draw on and to read keys from.

    `picking`: stdout may be a pipe, for the ids that are picked; `reading`: stdin may be one, for ids to list.

    Raises RequestError: there is none.
    """
    streams = [sys.stderr]
    streams += [] if picking else [sys.stdout]
    streams += [] if reading else [sys.stdin]
    if all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb":
        return
    raise RequestError("browse needs a terminal", fix=_FIX)


def keys_from_terminal() -> None:
    """Make file descriptor 0 the terminal after all of the pipe that was there is read.

    Raises RequestError: the process has no terminal.
    """
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise RequestError("browse needs a terminal to read keys from", fix=_FIX) from None
    os.dup2(terminal, 0)
    os.close(terminal)


@contextmanager
def stdout_spared(spared: bool) -> Iterator[None]:
    """Within the block file descriptor 1 is the terminal, so that a pipe there gets nothing that is drawn."""
    if not spared:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
