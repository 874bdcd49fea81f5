"""Keys and copies in a real terminal, and what is kept in files of the user: where it was left, and other keys."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dejavu_tui.workspace import Audit
from tests.functional.browse.terminal import COMMAND, RESTORED, Terminal


def test_keys_through_a_real_terminal(start: Callable[..., Terminal]) -> None:
    terminal = start()
    terminal.child.send("a")
    terminal.see(lambda text: "64 of 64" in text)
    terminal.child.send(",")
    terminal.see(lambda text: "planted  epoch 10" in text)
    terminal.child.send("O")
    terminal.see(lambda text: "stopped" in text or "imported" in text or "trained" in text)
    terminal.child.send("B?")
    terminal.see(lambda text: "Keys on Browse" in text)
    terminal.child.send("\x1b")
    terminal.see(lambda text: "Keys on Browse" not in text)
    terminal.child.send("\x03")
    assert terminal.end() == 130
    assert all(sequence in terminal.bytes for sequence in RESTORED)


def test_it_goes_on_where_it_was_left(start: Callable[..., Terminal]) -> None:
    terminal = start()
    terminal.child.send("a,")
    terminal.see(lambda text: "64 of 64" in text and "planted  epoch 10" in text)
    terminal.child.send("jjjWq")
    assert terminal.end() == 0
    terminal = start()
    text = terminal.see(lambda text: "64 of 64" in text)
    assert "planted  epoch 10" in text
    assert "SSL_A" not in text, "it is the wall"
    terminal.child.send("q")
    assert terminal.end() == 0
    terminal = start("--screen", "browse", "--filter", "kind:correlated")
    terminal.see(lambda text: "kind:correlated" in text and "planted  epoch 10" in text)
    terminal.child.send("q")
    assert terminal.end() == 0
    terminal = start("--fresh")
    terminal.see(lambda text: "kind:memorized" in text and "planted  epoch 20" in text)
    terminal.child.send("q")
    assert terminal.end() == 0


def test_what_is_kept_is_private_and_ignored_if_damaged(start: Callable[..., Terminal], home: Path) -> None:
    terminal = start()
    terminal.child.send("q")
    assert terminal.end() == 0
    (kept,) = (home / "xdg_state_home" / "dejavu" / "screens").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    kept.write_text("screen = [")
    terminal = start()
    terminal.see(lambda text: "left off" in text)
    terminal.child.send("q")
    assert terminal.end() == 0


@pytest.mark.parametrize("place", ["/dev/null/state", ""])
def test_without_a_home_to_write_to_it_works_all_the_same(start: Callable[..., Terminal], place: str) -> None:
    names = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME")
    terminal = start(
        **(dict.fromkeys(names, place) if place else {**dict.fromkeys(names[:2], ""), "HOME": "/proc"})
    )
    terminal.child.send("q")
    assert terminal.end() == 0
    assert b"Traceback" not in terminal.bytes


def test_keys_are_changed_by_a_file_and_a_clash_is_told(
    start: Callable[..., Terminal], audit: Audit, terminals: list[Terminal], home: Path
) -> None:
    file = home / "xdg_config_home" / "dejavu" / "keys.toml"
    file.parent.mkdir(parents=True)
    file.write_text('leave = ["ctrl+x", "D"]\n')
    terminal = start()
    terminal.child.send("q?")
    terminal.see(lambda text: "Keys on Browse" in text)
    terminal.child.send("\x1b")
    terminal.see(lambda text: "Keys on Browse" not in text)
    terminal.child.send("D")
    assert terminal.end() == 0
    file.write_text('sort = "r"\n')
    terminal = Terminal([COMMAND, "browse", str(audit.root)])
    terminals.append(terminal)
    assert terminal.end() == 2
    assert b"keys.toml" in terminal.bytes
    assert b"reverse" in terminal.bytes
    assert b"\x1b[?1049h" not in terminal.bytes


def test_copies_go_through_the_terminal_or_are_printed_at_the_end(start: Callable[..., Terminal]) -> None:
    for option in ((), ("--no-clipboard",)):
        terminal = start("--fresh", *option)
        terminal.child.send("y")
        terminal.see(lambda text: "Copy what?" in text)
        terminal.child.send("j\r")
        terminal.see(lambda text: "image id" in text and "Copy what?" not in text)
        terminal.child.send("q")
        assert terminal.end() == 0
        last = terminal.bytes.rpartition(b"\x1b[?1049l")[2]
        assert (b"\x1b]52;c;" in terminal.bytes) == (not option)
        assert bool(re.search(rb"\d+\r\n", last)) == bool(option)
