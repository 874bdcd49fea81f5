"""Names of files and classes that hold escape sequences and markup reach no stream as they are, but in data."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from dejavu_tui.records import EncoderId
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder
from tests.data.planted import plant
from tests.functional.test_contract import BIN, dejavu

HOSTILE = "z[bold]\x1b]52;c;eA==\x07\x9b2J\u202e"
SHOWN = "z[bold]\\x1b]52;c;eA==\\x07\\x9b2J\\u202e"


def drives(text: str) -> bool:
    """Tell whether `text` holds a character that could drive a terminal."""
    return any((ord(ch) < 32 and ch not in "\r\n") or 0x7F <= ord(ch) < 0xA0 or ch == "\u202e" for ch in text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    pictures = build_folder(root / "pictures")
    for place in ("images", "Annotation"):
        (pictures / place / "class2").rename(pictures / place / HOSTILE)
        first = next((pictures / place / HOSTILE).iterdir())
        first.rename(first.with_name(f"{HOSTILE}{first.suffix}"))
    return root


@pytest.fixture(scope="module")
def audit(folder: Path) -> Audit:
    done = dejavu("split", "pictures", "--k", "5", "--per-class", "2", "--out", f"a{HOSTILE}", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"a{SHOWN}" in done.stderr
    assert not drives(done.stderr)
    audit = Audit(folder / f"a{HOSTILE}")
    for trainer in ("A", "B"):
        plant(audit, EncoderId("r", trainer, 1), share=0)
    return audit


@pytest.mark.parametrize(
    "words",
    [
        ("score", "--per-sample"),
        ("score", "--per-sample", "--format", "table"),
        ("score", "--format", "table"),
        ("score", "--run", HOSTILE),
        ("score", "--layer", HOSTILE),
        ("score", HOSTILE),
        ("classes", "--format", "table"),
        ("top", "--kind", "all", "-n", "100", "--format", "table"),
        ("show", HOSTILE),
        ("overview", "--format", "table"),
        ("overview", "--missing", "--format", "table"),
        ("trace", HOSTILE),
        ("query", HOSTILE),
        ("plot", HOSTILE, "-o", f"{HOSTILE}.png"),
        ("split", HOSTILE),
        ("train", "--method", HOSTILE),
        ("train", "--method", "simclr", "--arch", HOSTILE),
        ("train", "--method", "simclr", "--set", f"{HOSTILE}=1"),
        ("runs", HOSTILE),
        ("--debug", "query", HOSTILE),
    ],
)
def test_talk_and_tables_are_safe(audit: Audit, words: tuple[str, ...]) -> None:
    done = dejavu(*words, cwd=audit.root)
    assert "unexpected" not in done.stderr
    assert not drives(done.stderr)
    if "table" in words:
        assert done.returncode == 0, done.stderr
        assert not drives(done.stdout)
    if words == ("score", "--per-sample"):
        assert HOSTILE in done.stdout  # a pipe gets the data as they are


@pytest.mark.parametrize("words", [("show", "-n", "100"), ("trace", "--make")])
def test_an_image_is_shown_safely(audit: Audit, words: tuple[str, ...]) -> None:
    every = map(str, audit.attacked()["image_id"])
    done = dejavu(*words, *every, "--format", "table", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    assert SHOWN in done.stdout
    assert not drives(done.stdout + done.stderr)


def test_a_bad_image_with_a_hostile_name_is_told_safely(tmp_path: Path) -> None:
    pictures = build_folder(tmp_path / "pictures")
    (pictures / "images/class0" / f"{HOSTILE}.png").write_bytes(b"no image")
    done = dejavu("split", "pictures", "--k", "5", cwd=tmp_path)
    assert done.returncode == 3
    assert f"{SHOWN}.png" in done.stderr
    assert not drives(done.stderr)
    assert len(done.stderr.splitlines()[-1:]) == 1


def test_csv_on_a_terminal_is_safe(audit: Audit) -> None:
    main, side = pty.openpty()
    line = [str(BIN / "dejavu"), "score", "--per-sample", "--format", "csv"]
    process = subprocess.Popen(line, cwd=audit.root, stdout=side, stderr=subprocess.DEVNULL)
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
    assert SHOWN in text
    assert not drives(text)


def test_the_look_at_the_streams_sees() -> None:
    assert drives(HOSTILE)
    assert not drives(SHOWN)
