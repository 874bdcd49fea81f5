"""Ids come and go through pipes, keys through the terminal; without one there is one line and no picture."""

import subprocess
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.workspace import Audit
from tests.functional.browse.terminal import COMMAND, Terminal, opened


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


def test_dumb_terminals_are_refused_at_once(audit: Audit, terminals: list[Terminal]) -> None:
    terminal = Terminal([COMMAND, "browse", str(audit.root)], TERM="dumb")
    terminals.append(terminal)
    assert terminal.end() == 2
    assert b"\x1b" not in terminal.bytes
    assert b"needs a terminal" in terminal.bytes


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
