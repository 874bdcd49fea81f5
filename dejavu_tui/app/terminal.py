"""What the terminal can do, found out before the app starts: afterwards its answers go to the app."""

import logging
import os
import select
import sys
import termios
import time
import tty
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import RequestError

Typed = Literal["auto", "kitty", "sixel", "half", "none"]
_QUESTIONS = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
"""Kitty graphics query, then primary device attributes, which every terminal answers."""
_SECONDS = 0.25


def choose_images(typed: Typed) -> Mode:
    """Return how pictures are shown: as typed, else the sharpest way the terminal says it knows.

    Inside tmux and over ssh `auto` takes half cells: there, answers get lost and pictures leave ghosts.

    Raises RequestError: Kitty or Sixel were typed and textual-image is not installed.
    """
    if typed in ("half", "none"):
        return typed
    installed = find_spec("textual_image") is not None
    if typed == "auto":
        remote = any(os.environ.get(name) for name in ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION"))
        chosen = "half" if remote or not installed else recognise(_answer())
    else:
        if not installed:
            raise RequestError(
                f"--images {typed} needs textual-image", fix="pip install 'dejavu-tui[images]', or --images half"
            )
        chosen = typed
    if chosen != "half":
        _prepare()
    return chosen


def recognise(answer: bytes) -> Mode:
    """Return what a terminal can that gave `answer` to the questions.

    Sixel first: terminals that know both draw Kitty's placeholder characters as text.
    """
    _, found, attributes = answer.rpartition(b"\x1b[?")
    if found and b"4" in attributes.partition(b"c")[0].split(b";"):
        return "sixel"
    if b"\x1b_Gi=31;OK" in answer:
        return "kitty"
    return "half"


def _prepare() -> None:
    """Import textual-image, which asks for the size of a cell; a terminal that does not answer is no news."""
    logger = logging.getLogger("textual_image")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    import_module("dejavu_tui.app.widgets.sharp")


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
        while not (b"\x1b[?" in answer and answer.endswith(b"c")):
            ready, _, _ = select.select([terminal], [], [], max(until - time.monotonic(), 0))
            if not ready:
                break
            answer += os.read(terminal, 1024)
    except OSError:
        return b""
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, former)
    return answer
