"""Commands and paths as text that can be pasted into a shell, whatever bytes a file's name holds."""

import os
import shlex
from collections.abc import Iterable


def line(words: Iterable[str]) -> str:
    """Return `words` as one line of a POSIX shell; it is printable throughout."""
    return " ".join(map(word, words))


def word(text: str) -> str:
    """Return `text` as one word of a shell line.

    What cannot be printed is written as $'...' with escapes, which bash, zsh and ksh read: pasted as it is, a line
    feed would run a command, and an escape would drive the terminal.
    """
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def path(text: str) -> str:
    """Return a path as it is where all of it can be printed, else as a word of a shell line."""
    return text if text.isprintable() else word(text)


def _escaped(ch: str) -> str:
    if ch in "\\'":
        return f"\\{ch}"
    if ch.isprintable():
        return ch
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(ch))
