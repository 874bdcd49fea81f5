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
import polars as pl
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


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept of one start is there for the next of the same test, and no other."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


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
        terminal.see(opened)
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
    terminal.see(lambda text: "64 of 64" in text)
    terminal.child.send(",")
    terminal.see(lambda text: "planted  epoch 10" in text)
    terminal.child.send("O")
    terminal.see(lambda text: "unfinished" in text or "imported" in text or "trained" in text)
    terminal.child.send("B?")
    terminal.see(lambda text: "Keys on Browse" in text)
    terminal.child.send("\x1b")
    terminal.see(lambda text: "Keys on Browse" not in text)
    terminal.child.send("\x03")
    assert terminal.end() == 130
    assert all(sequence in terminal.bytes for sequence in RESTORED)


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


def test_pick_prints_ids_and_only_ids_to_stdout(audit: Audit, terminals: list[Terminal], tmp_path: Path) -> None:
    out = tmp_path / "ids"
    line = f'"{COMMAND}" browse "{audit.root}" --images half --pick > "{out}"'
    terminal = Terminal(["/bin/sh", "-c", line], columns=100, rows=30)
    terminals.append(terminal)
    terminal.see(opened)
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


def test_ids_come_from_a_pipe_keys_from_the_terminal(
    audit: Audit, terminals: list[Terminal], tmp_path: Path
) -> None:
    ids = audit.attacked().filter(pl.col("part") == "A")["image_id"].head(3).to_list()
    (tmp_path / "in").write_text("".join(f"{image_id}\n" for image_id in ids))
    out = tmp_path / "out"
    browse = f'"{COMMAND}" browse "{audit.root}" - --images half --pick'
    terminal = Terminal(["/bin/sh", "-c", f'cat "{tmp_path / "in"}" | {browse} | sort -n > "{out}"'])
    terminals.append(terminal)
    terminal.see(lambda text: " 3 of 64" in text and "▀" in text)
    terminal.child.send("   q")
    assert terminal.end() == 0
    assert [int(line) for line in out.read_text().splitlines()] == ids


def test_an_empty_pipe_and_an_unknown_id_are_told_before_anything_is_drawn(
    audit: Audit, terminals: list[Terminal]
) -> None:
    for piped, says in (("", b"no image on stdin"), ("999999", b"999999")):
        line = f'printf "{piped}" | "{COMMAND}" browse "{audit.root}" -'
        terminal = Terminal(["/bin/sh", "-c", line])
        terminals.append(terminal)
        assert terminal.end() == 2
        assert says in terminal.bytes
        assert b"\x1b[?1049h" not in terminal.bytes


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
