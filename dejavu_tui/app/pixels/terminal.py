"""What the terminal can do, found out before the app starts: afterwards its answers go to the app."""

import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal

from dejavu_tui.app.pixels.cell import remember
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import RequestError

Typed = Literal["auto", "kitty", "sixel", "half", "none"]
_QUESTIONS = b"\x1b7\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[c\x1b8\x1b[K"
"""Kitty graphics, the terminal's name, the size of a cell; last device attributes, which every terminal answers.

The place of the cursor is kept and the rest of the line wiped: a few terminals print what they do not know.
"""
_SECONDS = 0.25
_REMOTE = ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION")
_WITHOUT_PLACEHOLDERS = (b"WezTerm", b"Konsole")
"""They know Kitty's pictures but draw its placeholder characters as text."""


def choose_images(typed: Typed) -> Mode:
    """Return how pictures are shown: as typed, else the sharpest way the terminal says it knows.

    `auto` takes half cells inside tmux and over ssh, where answers get lost and pictures leave ghosts; and where
    NO_COLOR is set, since pixels have colours. The answer takes a quarter of a second at most.

    Raises RequestError: Sixel was typed and textual-image is not installed.
    """
    if typed in ("half", "none"):
        return typed
    if typed == "sixel" and not _can_encode_sixels():
        raise RequestError(
            "--images sixel needs textual-image", fix="pip install 'dejavu-tui[images]', or --images half"
        )
    environment = os.environ
    if typed == "auto" and (environment.get("NO_COLOR") or any(environment.get(name) for name in _REMOTE)):
        return "half"
    answer = _answer()
    cell = re.search(rb"\x1b\[6;(\d{1,4});(\d{1,4})t", answer)
    if cell:
        remember(int(cell[2]), int(cell[1]))
    if typed != "auto":
        return typed
    found = recognise(answer, environment)
    return "half" if found == "sixel" and not _can_encode_sixels() else found


def recognise(answer: bytes, environment: Mapping[str, str]) -> Mode:
    """Return what a terminal can that gave `answer` to the questions: Kitty, else Sixel, else half cells.

    Kitty's placeholders need 24-bit colours, which carry the number of the picture.
    """
    deep = environment.get("COLORTERM") in ("truecolor", "24bit")
    placeholders = not any(b"\x1bP>|" + name in answer for name in _WITHOUT_PLACEHOLDERS)
    if b"\x1b_Gi=31;OK" in answer and deep and placeholders:
        return "kitty"
    _, found, attributes = answer.rpartition(b"\x1b[?")
    if found and b"4" in attributes.partition(b"c")[0].split(b";"):
        return "sixel"
    return "half"


def _can_encode_sixels() -> bool:
    return find_spec("textual_image") is not None


def _answer() -> bytes:
    """Ask, and wait a quarter of a second at most."""
    try:
        terminal = sys.stdin.fileno()
        former = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        return b""
    answer = b""
    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        os.write(sys.stderr.fileno(), _QUESTIONS)
        until = time.monotonic() + _SECONDS
        while not re.search(rb"\x1b\[\?[\d;]*c", answer):
            ready, _, _ = select.select([terminal], [], [], max(until - time.monotonic(), 0))
            if not ready:
                break
            answer += os.read(terminal, 1024)
    except OSError:
        return b""
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, former)
    return answer
