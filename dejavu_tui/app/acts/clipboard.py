"""What can be copied of what is looked at, and where it goes."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dejavu_tui.app.acts import shell
from dejavu_tui.app.desk import Desk

_MOST = 74_000
"""Bytes: more than 100,000 in base64 are more than xterm and tmux take."""
_WITHOUT = {"TERM_PROGRAM": ("Apple_Terminal",), "TERM": ("linux",)}
"""Terminals known not to have OSC 52, by variables of the environment."""


@dataclass(frozen=True)
class Copy:
    """One thing to copy: what it is called, and its text."""

    name: str
    text: str


class Clipboard:
    """Sends text to the clipboard of the terminal (OSC 52); what cannot be sent is kept, to be printed at last."""

    def __init__(self, send: Callable[[str], None], *, usable: bool) -> None:
        self._send = send
        self._usable = usable
        self.kept: list[str] = []

    def copy(self, one: Copy) -> str:
        """Copy, and return what to tell the user."""
        if self._usable and len(one.text.encode(errors="surrogateescape")) <= _MOST:
            self._send(one.text)
            return f"{one.name} copied (OSC 52)"
        self.kept.append(one.text)
        return f"no clipboard for it: {one.name} will be printed when you leave"


def has_clipboard(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the terminal is not one of those that are known to have no OSC 52."""
    return not any(environment.get(name) in known for name, known in _WITHOUT.items())


def copies(desk: Desk, twin: Sequence[str]) -> tuple[Copy, ...]:
    """Return what can be copied: path, id and row of the image that is looked at, ids of the selected ones, and the
    command `twin`.
    """
    found: list[Copy] = []
    if desk.image_id is not None:
        row = desk.view.samples.filter(pl.col("image_id") == desk.image_id)
        relative = row["path"][0] if row.height else desk.view.image(desk.image_id)[0]
        found.append(Copy("path", shell.path(str(desk.view.source / relative))))
        found.append(Copy("image id", str(desk.image_id)))
        if row.height:
            found.append(Copy("row as JSON", row.write_ndjson().strip()))
    if desk.selected:
        found.append(Copy(f"ids of {len(desk.selected):,} selected", "\n".join(map(str, desk.selected))))
    return (*found, Copy("command", shell.line(twin)))
