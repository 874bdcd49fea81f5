"""How a command ends, tried on a process of its own."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
PRELUDE = """
import sys, time
from dejavu_cli.diagnostics import Verdict, end, graceful
from dejavu_cli.output import write_stdout
from dejavu_tui.errors import *
"""


def run(body: str, *, debug: bool = False, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(script(body, debug=debug), capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


def script(body: str, *, debug: bool = False) -> list[str]:
    function = "def command():\n" + textwrap.indent(textwrap.dedent(body), "    ")
    return [sys.executable, "-c", f"{PRELUDE}\n{function}\nend(command, name='dejavu', debug={debug})"]


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        ("RequestError('no run', where='r', fix='see `dejavu runs`')", 2),
        ("ImageError('cut', where='a.png', fix='replace it')", 3),
        ("BusyError('held', where='d', fix='wait')", 4),
        ("ParityError('differs', where='p', fix='report it')", 1),
        ("StoppedError()", 130),
        ("OSError(28, 'No space left on device', 'x.csv')", 1),
        ("MemoryError()", 1),
        ("ValueError('odd')", 1),
        ("Verdict('the score is above 0.05')", 5),
        ("SystemExit(2)", 2),
    ],
)
def test_each_error_is_one_line_and_its_exit_code(raised: str, code: int) -> None:
    done = run(f"raise {raised}")
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == (0 if raised.startswith("SystemExit") else 1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["score", "--layr", "x"], "No such option: --layr"),
        (["scor"], "No such command 'scor'"),
        (["score", "a", "b"], "extra argument"),
        (["score", "--epoch", "soon"], "Invalid value for '--epoch'"),
        (["score", "--out"], "'--out' requires an argument"),
        (["score", "--top", "x"], "Invalid value for --top: "),
    ],
)
def test_what_the_line_has_wrong_is_one_line_too(line: list[str], told: str) -> None:
    done = subprocess.run([BIN / "dejavu", *line], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert told in said
    assert re.search(r"; `dejavu( score)? -h` tells what it takes$", said)


def test_hostile_text_in_an_error_cannot_drive_the_terminal() -> None:
    done = run(r"raise ImageError('is cut', where='a\x1b]52;c;eA==\x07\n.png', fix='replace it')")
    assert done.stderr == "dejavu: error: a\\x1b]52;c;eA==\\x07\\x0a.png: is cut; replace it\n"


def test_debug_shows_the_traceback() -> None:
    assert "Traceback" in run("raise RequestError('x', fix='y')", debug=True).stderr


def test_a_traceback_cannot_drive_the_terminal() -> None:
    said = run(r"raise ImageError('is cut', where='a\x1b]52;c;eA==\x07.png', fix='replace it')", debug=True).stderr
    assert "Traceback" in said
    assert "\x1b" not in said
    assert "\x07" not in said


def test_data_arrives_whole() -> None:
    done = run("write_stdout(b'x' * 3_000_000)")
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 3_000_000, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_closed_pipe_ends_quietly(size: int, unbuffered: str) -> None:
    command = script(f"time.sleep(0.3); write_stdout(b'x' * {size})")
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(30) == 1


def test_a_full_disk_is_named() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            script("write_stdout(b'x')"), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("dejavu: error: No space left on device")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_with_their_code(number: int, code: int) -> None:
    assert _signalled("time.sleep(60)", number, times=1) == (code, "")


def test_a_graceful_block_finishes_its_unit_first() -> None:
    body = """
    with graceful() as stop:
        while not stop():
            time.sleep(0.05)
        print('saved', file=sys.stderr)
        raise StoppedError
    """
    code, said = _signalled(body, signal.SIGTERM, times=1)
    assert code == 143
    assert "saved" in said


def test_a_second_signal_does_not_wait() -> None:
    body = """
    with graceful():
        end_at = time.monotonic() + 60
        while time.monotonic() < end_at:
            time.sleep(0.05)
    """
    code, said = _signalled(body, signal.SIGINT, times=2)
    assert code == 130
    assert "again to stop at once" in said


def _signalled(body: str, number: int, *, times: int) -> tuple[int, str]:
    ready = "print('ready', flush=True)\n" + textwrap.dedent(body)
    process = subprocess.Popen(script(ready), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(times):
        time.sleep(0.3)
        process.send_signal(number)
    _, said = process.communicate(timeout=30)
    return process.returncode, said
