import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from dejavu_tui.plots import figure_names
from dejavu_tui.workspace import Audit
from tests.cli.commands.test_score import dejavu
from tests.data.planted import planted_audit
from tests.functional.test_contract import BIN


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("plot"), memory={10: 0.0, 20: 1.0})


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_stdout_holds_the_paths_of_the_picture_and_its_numbers(audit: Audit, tmp_path: Path, ending: str) -> None:
    done = dejavu("plot", "confidence", str(audit.root), "-o", f"c.{ending}", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"c.{ending}\nc.csv\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", f"c.{ending}"]
    assert len((tmp_path / "c.csv").read_text().splitlines()) == 101


def test_without_out_the_file_is_named_after_the_figure(audit: Audit, tmp_path: Path) -> None:
    done = dejavu("plot", "partition", str(audit.root), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "partition.png\npartition.csv\n")
    assert "search: exact, recall 1.0000" in done.stderr.splitlines()


@pytest.mark.parametrize("figure", [name for name in figure_names() if name != "sizes"])
def test_terminal_prints_the_figure_and_writes_no_file(audit: Audit, tmp_path: Path, figure: str) -> None:
    done = dejavu("plot", figure, str(audit.root), "--terminal", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert 12 <= len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout
    assert any(0x2800 < ord(char) < 0x2900 for char in done.stdout)
    assert lines[1].startswith("planted, ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("plain", ["", "1"])
def test_on_a_terminal_the_figure_fills_it_but_for_a_line_and_is_coloured_if_wanted(
    audit: Audit, plain: str
) -> None:
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen(
        [str(BIN / "dejavu"), "plot", "layers", str(audit.root), "--terminal"],
        stdout=side,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        | {"TERM": "xterm-256color", "NO_COLOR": plain},
    )
    os.close(side)
    data = b""
    try:
        while block := os.read(main, 1 << 16):
            data += block
    except OSError:  # Linux says so when the other side has closed
        pass
    finally:
        os.close(main)
    assert process.wait(60) == 0
    text = data.decode()
    assert ("\x1b[" in text) is not bool(plain)
    lines = re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()
    assert len(lines) == 39
    assert max(map(len, lines)) == 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confidense", "-o", "c.png"), "did you mean 'confidence'"),
        (("pie/chart",), "known are: classes, confidence"),
        (("confidence", "-o", "c.jpg"), ".png, .svg, .pdf"),
        (("confidence", "-o", "gone/c.png"), "no such folder"),
        (("epochs", "--epoch", "10"), "takes no --epoch"),
    ],
)
def test_what_cannot_be_drawn_is_one_line_and_no_file(
    audit: Audit, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    figure, *options = words
    done = dejavu("plot", figure, str(audit.root), *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_terminal_and_out_do_not_go_together(audit: Audit, tmp_path: Path) -> None:
    done = dejavu("plot", "epochs", str(audit.root), "--terminal", "-o", "e.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "writes no file" in re.sub(r"\s+", " ", done.stderr)


def test_help_names_every_figure(tmp_path: Path) -> None:
    told = dejavu("plot", "--help", cwd=tmp_path).stdout
    assert all(name in told for name in figure_names())
