"""A pseudo terminal with a child in it, and the screen that its bytes make."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

COMMAND = str(Path(sys.executable).parent / "dejavu-tui")
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h")
PATIENCE = 30
_CLUES = ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION", "NO_COLOR", "COLORTERM", "COLUMNS", "LINES")
"""Variables by which a terminal and its size are told, or hidden."""


def opened(text: str) -> bool:
    """Tell whether the browse screen is drawn, with its pictures."""
    return " of 64" in text and "▀" in text


class Terminal:
    """A child in a pseudo terminal, and the screen that its bytes make."""

    def __init__(self, command: list[str], *, columns: int = 80, rows: int = 24, **env: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in _CLUES}
        environment = {**kept, "TERM": "xterm-256color", **env}
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], command[1:], dimensions=(rows, columns), env=environment, timeout=5
        )
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = b""

    def read(self, seconds: float = 0.1) -> None:
        """Take in what the child writes within `seconds`."""
        try:
            got = self.child.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        self.bytes += got
        self._stream.feed(got.replace(b"\x1b[>", b"\x1b[?").replace(b"\x1b[<", b"\x1b[?"))

    def see(self, true: Callable[[str], bool]) -> str:
        """Wait until the screen's text is as it should be, and return it."""
        end = time.monotonic() + PATIENCE
        while not true(text := "\n".join(self.screen.display)):
            assert time.monotonic() < end, text
            self.read()
        return text

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def end(self) -> int:
        """Wait for the end and return the exit code; fails if a signal killed the child."""
        limit = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < limit:
                self.read()
        except pexpect.EOF:
            self.child.wait()
        self.child.close()
        assert self.child.exitstatus is not None, f"killed by signal {self.child.signalstatus}"
        return int(self.child.exitstatus)
