"""How browsing ends, and how it is stopped and brought back: the terminal is as it was before."""

import signal
import sys
import time
from collections.abc import Callable

import pytest

from dejavu_tui.workspace import Audit
from tests.functional.browse.terminal import COMMAND, PATIENCE, RESTORED, Terminal, opened


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_restores_the_terminal_and_gives_its_exit_code(
    start: Callable[..., Terminal], number: signal.Signals, code: int
) -> None:
    terminal = start()
    before = len(terminal.bytes)
    terminal.child.kill(number)
    assert terminal.end() == code
    after = terminal.bytes[before:]
    for sequence in RESTORED:
        assert sequence in after
    assert b"Traceback" not in terminal.bytes


def test_stopped_and_brought_back_it_draws_itself_again(audit: Audit, terminals: list[Terminal]) -> None:
    terminal = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], PS1="shell> ")
    terminals.append(terminal)
    terminal.see(lambda text: "shell>" in text)
    terminal.child.send(f"'{COMMAND}' browse '{audit.root}' --images half\r")
    terminal.see(opened)
    before = len(terminal.bytes)
    terminal.child.send("\x1a")
    end = time.monotonic() + PATIENCE
    while b"Stopped" not in terminal.bytes[before:] and time.monotonic() < end:
        terminal.read()
    assert b"\x1b[?1049l" in terminal.bytes[before:], "the shell gets its screen back"
    terminal.screen.reset()
    terminal.child.send("fg\r")
    terminal.see(opened)
    terminal.child.send("a")
    terminal.see(lambda text: "64 of 64" in text)
    before = len(terminal.bytes)
    terminal.child.send("q")
    while b"shell>" not in terminal.bytes[before:] and time.monotonic() < end + PATIENCE:
        terminal.read()
    terminal.child.send("exit $?\r")
    assert terminal.end() == 0


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_restores_the_terminal_and_is_one_line(
    audit: Audit, terminals: list[Terminal], debug: bool
) -> None:
    code = (
        "import sys\n"
        "from dejavu_tui.app.application import DejavuApp\n"
        "def fail(self): raise ValueError('\\x1b[2J secret')\n"
        "DejavuApp.action_same_as = fail\n"
        f"sys.argv = ['dejavu-tui', 'browse', {str(audit.root)!r}, '--images', 'half', *{['--debug'] * debug}]\n"
        "from dejavu_cli.browse import run\n"
        "run()"
    )
    terminal = Terminal([sys.executable, "-c", code])
    terminals.append(terminal)
    terminal.see(opened)
    before = len(terminal.bytes)
    terminal.child.send("=")
    assert terminal.end() == 1
    after = terminal.bytes[before:]
    assert all(sequence in after for sequence in RESTORED)
    told = after.rpartition(b"\x1b[?1049l")[2]
    assert b"unexpected ValueError: \\x1b[2J secret" in told
    assert (b"Traceback" in told) == debug
