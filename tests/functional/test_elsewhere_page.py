"""Every script and command of docs/elsewhere.md, in order, in an empty folder."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dejavu_cli.main import build
from dejavu_export.formats import format_names
from tests.functional.test_contract import BIN

PAGE = (Path(__file__).parents[2] / "docs" / "elsewhere.md").read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> object:
    """Return what runs a line in `tmp_path` and returns what it printed: `dejavu` in this process, where torch is
    loaded once for all lines.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")

    def line_run(line: str) -> tuple[str, str]:
        capfd.readouterr()
        if line.startswith("dejavu "):
            build()(args=shlex.split(line)[1:], standalone_mode=False)
        else:
            subprocess.run(["/bin/bash", "-c", line], check=True, timeout=120, stdin=subprocess.DEVNULL)
        sys.stdout.flush()
        return capfd.readouterr()

    return line_run


@pytest.mark.slow
def test_the_commands_run_from_pictures_to_scores(tmp_path: Path, run: object) -> None:
    assert callable(run)
    for name, text in re.findall(r"```python file=(\S+)\n(.*?)```", PAGE, flags=re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    told = {line: run(line) for block in blocks for line in block.splitlines()}
    out = {line: printed for line, (printed, _) in told.items()}
    made, said = next(
        both for line, both in told.items() if line.startswith("dejavu export-onnx --checkpoint A.pth")
    )
    assert made == "A.onnx\n"
    assert "left out, as no part of the encoder: fc.* (2)" in said
    assert "pixels: size 32, mean 0.485,0.456,0.406" in said
    taken, said = next(both for line, both in told.items() if line.startswith("dejavu import --target A.onnx"))
    assert (taken, "cannot be checked" in said) == ("mine\n", True)
    assert out["dejavu runs"].splitlines()[1].startswith("mine,,resnet50,,imported,,,100,100")
    rows = out["dejavu score --probe"].splitlines()
    assert len(rows) == 5
    assert rows[1].startswith("mine,,resnet50,100,,backbone,10,1,1,both,48,")
    assert [line.split()[0] for line in out["wc -l A.txt B.txt"].splitlines()] == ["24", "24", "48"]
    assert out["dejavu score --top 20"].splitlines()[1].startswith("again,,,0,,backbone,10,20,")
    assert "mine,100,backbone," in out["dejavu overview"]


def test_the_table_of_formats_is_the_formats() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| .* \| .* \|$", PAGE, flags=re.MULTILINE)
    assert sorted(rows) == list(format_names())
