import fcntl
import os
import pty
import struct
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dejavu_tui.app.pixels import cell, terminal
from dejavu_tui.app.pixels.cell import cell_size, remember
from dejavu_tui.app.pixels.terminal import Typed, choose_images, recognise
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import RequestError

CLUES = ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION", "NO_COLOR", "TEXTUAL_CELL_WIDTH", "TEXTUAL_CELL_HEIGHT")
OK = b"\x1b_Gi=31;OK\x1b\\"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local terminal with all colours that nothing is known of."""
    for name in CLUES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr(cell, "_told", None)


@contextmanager
def pseudo_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make a pseudo terminal stdin and stderr, and yield its other end."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stream)
        patch.setattr(sys, "stderr", stream)
        patch.setattr(sys, "__stderr__", stream)
        yield master
    os.close(master)


def answering(master: int, answer: bytes) -> threading.Thread:
    """A terminal that gives `answer` as soon as it is asked."""

    def reply() -> None:
        asked = b""
        while b"\x1b[c" not in asked:
            asked += os.read(master, 1024)
        os.write(master, answer)

    thread = threading.Thread(target=reply, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "mode"),
    [
        (b"", "half"),
        (b"\x1b[?1;2c", "half"),
        (b"\x1b[?62;4;22c", "sixel"),
        (b"\x1b[?64;14;44c", "half"),
        (OK + b"\x1b[?62;c", "kitty"),
        (OK + b"\x1b[?62;4c", "kitty"),
        (OK + b"\x1bP>|kitty(0.40)\x1b\\\x1b[6;20;10t\x1b[?62;c", "kitty"),
        (OK + b"\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;4;6c", "sixel"),
        (OK + b"\x1bP>|Konsole 24.08\x1b\\\x1b[?62;1;4c", "sixel"),
        (OK + b"\x1bP>|Konsole 24.08\x1b\\\x1b[?62c", "half"),
        (b"\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?62c", "half"),
        (b"q\x1b[?62;4", "sixel"),
    ],
)
def test_what_a_terminal_says_it_can(answer: bytes, mode: Mode) -> None:
    assert recognise(answer, {"COLORTERM": "truecolor"}) == mode


def test_placeholders_need_colours_of_24_bits() -> None:
    assert recognise(OK + b"\x1b[?62c", {}) == "half"
    assert recognise(OK + b"\x1b[?62;4c", {"COLORTERM": ""}) == "sixel"


@pytest.mark.parametrize("variable", ["TMUX", "SSH_TTY", "SSH_CONNECTION", "STY", "NO_COLOR"])
def test_remote_and_colourless_terminals_are_not_asked(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> bytes:
        raise AssertionError("asked")

    monkeypatch.setenv(variable, "x")
    monkeypatch.setattr(terminal, "_answer", never)
    assert choose_images("auto") == "half"


def test_a_stream_that_is_no_terminal_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/null") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert choose_images("auto") == "half"
    assert capfd.readouterr() == ("", "")


def test_an_answer_tells_the_protocol_and_the_size_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    with pseudo_terminal(monkeypatch) as other:
        replied = answering(other, OK + b"\x1bP>|ghostty 1.0\x1b\\\x1b[6;33;16t\x1b[?62;22c")
        assert choose_images("auto") == "kitty"
        assert cell_size() == (16, 33)
        replied.join(5)


def test_the_driver_tells_the_size_of_a_cell_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with pseudo_terminal(monkeypatch) as other:
        for width, height in ((8, 17), (12, 25)):
            fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 80 * width, 24 * height))
            assert cell_size() == (width, height)


def test_a_mute_terminal_costs_a_third_of_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    with pseudo_terminal(monkeypatch):
        start = time.monotonic()
        assert choose_images("auto") == "half"
        assert time.monotonic() - start < 0.35
        assert cell_size() == (10, 20)


def test_sixel_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "find_spec", lambda _: None)
    with pytest.raises(RequestError, match="textual-image"):
        choose_images("sixel")


def test_without_the_extra_a_terminal_with_sixel_only_gets_half_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "find_spec", lambda _: None)
    with pseudo_terminal(monkeypatch) as other:
        replied = answering(other, b"\x1b[?62;4c")
        assert choose_images("auto") == "half"
        replied.join(5)


@pytest.mark.parametrize("typed", ["half", "none"])
def test_half_cells_and_none_are_as_typed(typed: Typed) -> None:
    assert choose_images(typed) == typed


@pytest.mark.parametrize(("width", "height"), [(0, 0), (10, 0), (0, 20)])
def test_a_cell_of_no_size_is_taken_as_10_by_20(width: int, height: int) -> None:
    remember(width, height)
    assert cell_size() == (10, 20)


def test_the_environment_tells_the_size_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(9, 18)
    assert cell_size() == (9, 18)
    monkeypatch.setenv("TEXTUAL_CELL_WIDTH", "7")
    assert cell_size() == (9, 18), "both or none"
    monkeypatch.setenv("TEXTUAL_CELL_HEIGHT", "15")
    assert cell_size() == (7, 15)
    monkeypatch.setenv("TEXTUAL_CELL_HEIGHT", "0")
    assert cell_size() == (9, 18)
