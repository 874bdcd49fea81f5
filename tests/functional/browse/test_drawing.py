"""What is drawn in a terminal of any size, with what colours and what pictures."""

import re
import time
from collections.abc import Callable

import pytest

from dejavu_tui.workspace import Audit
from tests.functional.browse.terminal import COMMAND, PATIENCE, Terminal, opened


def test_resizing_a_window_never_breaks_it(start: Callable[..., Terminal]) -> None:
    terminal = start(columns=200, rows=60)
    for columns, rows in ((120, 40), (80, 24), (59, 20), (40, 12)):
        terminal.resize(columns, rows)
        terminal.see(lambda text: " of 64" in text and re.search("(epoch |@)20", text.splitlines()[0]) is not None)
    terminal.resize(30, 8)
    terminal.see(lambda text: "too small" in text)
    terminal.child.setwinsize(1, 1)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        terminal.read()
    terminal.screen.reset()
    terminal.resize(100, 30)
    terminal.see(opened)
    terminal.child.send("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("colours", ["truecolor", ""])
def test_true_colour_only_where_the_terminal_says_so(start: Callable[..., Terminal], colours: str) -> None:
    terminal = start(COLORTERM=colours)
    assert (b"38;2;" in terminal.bytes) == bool(colours)
    assert (b"38;5;" in terminal.bytes) != bool(colours)
    terminal.child.send("q")
    assert terminal.end() == 0


def test_no_color_draws_in_grey(start: Callable[..., Terminal]) -> None:
    terminal = start(NO_COLOR="1", COLORTERM="truecolor")
    terminal.child.send("a")
    terminal.see(lambda text: "64 of 64" in text)
    colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)[;m]", terminal.bytes)
    assert colours
    assert all(red == green == blue for red, green, blue in colours)
    terminal.child.send("q")
    assert terminal.end() == 0


def test_a_mute_terminal_costs_a_moment_and_leaves_no_trace(audit: Audit, terminals: list[Terminal]) -> None:
    terminal = Terminal([COMMAND, "browse", str(audit.root)])
    terminals.append(terminal)
    terminal.see(lambda text: "▀" in text)
    assert b"Traceback" not in terminal.bytes
    assert b"Timeout" not in terminal.bytes
    asked = terminal.bytes.index(b"\x1b[c")
    assert asked < terminal.bytes.index(b"\x1b[?1049h")
    terminal.child.send("q")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("answer", "drawn"), [(b"\x1b[?62;4c", b"\x1bP"), (b"\x1b_Gi=31;OK\x1b\\\x1b[?62c", b"\x1b_G")]
)
def test_sharper_pictures_where_the_terminal_can(
    audit: Audit, terminals: list[Terminal], answer: bytes, drawn: bytes
) -> None:
    if drawn == b"\x1bP":
        pytest.importorskip("textual_image", reason="the optional extra `images`")
    terminal = Terminal([COMMAND, "browse", str(audit.root)], COLORTERM="truecolor")
    terminals.append(terminal)
    end = time.monotonic() + PATIENCE
    while b"\x1b[c" not in terminal.bytes and time.monotonic() < end:
        terminal.read(0.02)
    terminal.child.send(answer)
    while b"\x1b[?1049h" not in terminal.bytes and time.monotonic() < end:
        terminal.read(0.02)
    while drawn not in terminal.bytes.partition(b"\x1b[?1049h")[2] and time.monotonic() < end:
        terminal.read()
    assert drawn in terminal.bytes.partition(b"\x1b[?1049h")[2]
    assert b"Traceback" not in terminal.bytes
    terminal.child.send("q")
    assert terminal.end() == 0
