"""`dejavu-tui browse` in a pseudo terminal: what is drawn, what is left behind, and how it ends."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit

COMMAND = str(Path(sys.executable).parent / "dejavu-tui")
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h")
PATIENCE = 30
_CLUES = ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION", "NO_COLOR", "COLORTERM", "COLUMNS", "LINES")
"""Variables by which a terminal and its size are told, or hidden."""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"))


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


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.child.close(force=True)


@pytest.fixture
def start(audit: Audit, terminals: list[Terminal]) -> Callable[..., Terminal]:
    """Start browse on the planted audit and wait for its screen."""

    def started(*options: str, columns: int = 80, rows: int = 24, **env: str) -> Terminal:
        command = [COMMAND, "browse", str(audit.root), "--images", "half", *options]
        terminal = Terminal(command, columns=columns, rows=rows, **env)
        terminals.append(terminal)
        terminal.see(lambda text: "attacked images" in text and "▀" in text)
        return terminal

    return started


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


def test_keys_through_a_real_terminal(start: Callable[..., Terminal]) -> None:
    terminal = start()
    terminal.child.send("a")
    terminal.see(lambda text: "64 of 64 attacked images" in text)
    terminal.child.send("[")
    terminal.see(lambda text: "epoch 10" in text)
    terminal.child.send("w")
    terminal.see(lambda text: "near the whole image" in text)
    terminal.child.send("?")
    terminal.see(lambda text: "Jump to an image id" in text or "Search in paths" in text)
    terminal.child.send("\x1b")
    terminal.see(lambda text: "Search in paths" not in text)
    terminal.child.send("\x03")
    assert terminal.end() == 130
    assert all(sequence in terminal.bytes for sequence in RESTORED)


def test_resizing_a_window_never_breaks_it(start: Callable[..., Terminal]) -> None:
    terminal = start(columns=200, rows=60)
    for columns, rows in ((120, 40), (80, 24), (59, 20), (40, 12)):
        terminal.resize(columns, rows)
        terminal.see(lambda text: "attacked images" in text.splitlines()[0])
    terminal.resize(30, 8)
    terminal.see(lambda text: "too small" in text)
    terminal.child.setwinsize(1, 1)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        terminal.read()
    terminal.screen.reset()
    terminal.resize(100, 30)
    terminal.see(lambda text: "attacked images" in text and "▀" in text)
    terminal.child.send("q")
    assert terminal.end() == 0


def test_pick_prints_ids_and_only_ids_to_stdout(audit: Audit, terminals: list[Terminal], tmp_path: Path) -> None:
    out = tmp_path / "ids"
    line = f'"{COMMAND}" browse "{audit.root}" --images half --pick > "{out}"'
    terminal = Terminal(["/bin/sh", "-c", line], columns=100, rows=30)
    terminals.append(terminal)
    terminal.see(lambda text: text.splitlines()[0].rstrip().endswith("attacked images") and "▀" in text)
    assert len(terminal.screen.display[0].rstrip()) > 90, "drawn for the size of the terminal"
    terminal.child.send("  q")
    assert terminal.end() == 0
    ids = [int(word) for word in out.read_text().split("\n")[:-1]]
    assert len(ids) == 2
    assert set(ids) <= set(audit.attacked()["image_id"])


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
    pytest.importorskip("textual_image", reason="the optional extra `images`")
    terminal = Terminal([COMMAND, "browse", str(audit.root)])
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


def test_dumb_terminals_are_refused_at_once(audit: Audit, terminals: list[Terminal]) -> None:
    terminal = Terminal([COMMAND, "browse", str(audit.root)], TERM="dumb")
    terminals.append(terminal)
    assert terminal.end() == 2
    assert b"\x1b" not in terminal.bytes
    assert b"needs a terminal" in terminal.bytes


def test_without_a_terminal_there_is_one_line_on_stderr_and_exit_code_2(audit: Audit) -> None:
    for options in ([], ["--pick"]):
        command = [COMMAND, "browse", str(audit.root), *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        assert done.returncode == 2
        assert done.stdout == b""
        assert done.stderr.count(b"\n") == 1
        assert b"needs a terminal" in done.stderr
        assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("piped", ["< /dev/null", "> {out}", "2> {out}"])
def test_each_stream_must_be_a_terminal(
    audit: Audit, terminals: list[Terminal], tmp_path: Path, piped: str
) -> None:
    line = f'"{COMMAND}" browse "{audit.root}" {piped.format(out=tmp_path / "out")}'
    terminal = Terminal(["/bin/sh", "-c", line])
    terminals.append(terminal)
    assert terminal.end() == 2
    assert b"\x1b[?1049h" not in terminal.bytes


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--run", "plantd"], b"planted"), (["--epoch", "15"], b"20"), (["--images", "x"], b"half")],
)
def test_what_is_typed_wrong_is_told_before_anything_is_drawn(
    audit: Audit, terminals: list[Terminal], options: list[str], says: bytes
) -> None:
    terminal = Terminal([COMMAND, "browse", str(audit.root), *options])
    terminals.append(terminal)
    assert terminal.end() == 2
    assert says in terminal.bytes
    assert b"\x1b[?1049h" not in terminal.bytes


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['dejavu-tui', 'browse', '--help']\n"
        "from dejavu_cli.browse import build\n"
        "try:\n    build()(prog_name='dejavu-tui')\nexcept SystemExit as leave:\n    assert not leave.code\n"
        "heavy = {'torch', 'textual', 'polars', 'matplotlib', 'onnxruntime', 'hnswlib', 'faiss', 'numpy'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "--pick" in done.stdout
