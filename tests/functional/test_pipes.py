"""Every line of docs/pipes.md, run in a shell beside an audit whose encoders remember what they were trained on."""

import importlib.util
import os
import re
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.data.planted import planted_audit
from tests.functional.test_contract import BIN

PAGE = Path(__file__).parents[2] / "docs" / "pipes.md"
PATH = f"{BIN}{os.pathsep}{os.environ['PATH']}"
CODES = {
    "dejavu score --fail-above 0.05 --format table": 5,
    "dejavu score --top 20 --format jsonl | jq": 1,
}
"""How lines begin that end with another exit code than 0 where images are remembered."""
OUTSIDE = ("awk", "column", "duckdb", "jq", "vd")
"""Programs that need not be installed; Python's modules are named by `import`."""


@dataclass(frozen=True)
class Ran:
    """A line that was run, and what came of it."""

    line: str
    code: int
    out: str
    err: str


def lines() -> list[str]:
    """Return the lines of the page's code blocks, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def missing(line: str) -> str | None:
    """Return a program or module that `line` needs and that is not installed."""
    programs = [name for name in OUTSIDE if re.search(rf"(^|\| ){name} ", line)]
    modules = [name for name in re.findall(r"import (\w+)", line) if importlib.util.find_spec(name) is None]
    return next(iter([name for name in programs if shutil.which(name, path=PATH) is None] + modules), None)


def test_every_line_of_the_page_runs_and_the_tools_agree(tmp_path: Path) -> None:
    planted_audit(tmp_path, external=4, memory={10: 0.0, 20: 1.0})
    ran = []
    for line in lines():
        if lacking := missing(line):
            warnings.warn(f"not run, because {lacking} is not installed: {line}", stacklevel=1)
            continue
        done = subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", line],
            cwd=tmp_path,
            env=os.environ | {"PATH": PATH},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        ran.append(Ran(line, done.returncode, done.stdout, done.stderr))
        wanted = next((code for begin, code in CODES.items() if line.startswith(begin)), 0)
        assert done.returncode == wanted, f"{line}\n{done.stderr}"
        assert "error" not in done.stderr.lower(), f"{line}\n{done.stderr}"
        made = re.search(r"(?:>|--out|-o) (\w+\.\w+)", line)
        text = (tmp_path / made[1]).read_bytes() if made else done.stdout.encode()
        assert text.strip(), f"nothing came of {line}"
    _the_tools_agree(ran, tmp_path)
    _the_lists_are_the_tables(ran, tmp_path)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_gate_of_jq_is_shut_where_nothing_or_no_interval_was_measured() -> None:
    (jq,) = (line.partition(" | ")[2] for line in lines() if "ci_low <= 0" in line or "ci_low // 1" in line)
    row = '{"direction": "both", "ci_low": %s}'
    codes = {
        said: subprocess.run(jq, shell=True, input=said, text=True, capture_output=True, check=False).returncode  # noqa: S602
        for said in ("", row % "null", row % "0.1", row % "-0.1")
    }
    assert list(codes.values()) == [1, 1, 1, 0]


def _the_tools_agree(ran: list[Ran], folder: Path) -> None:
    samples = pl.read_parquet(folder / "samples.parquet").filter(pl.col("part") != "E", kind="memorized")
    truth = dict(samples["label_name"].value_counts().iter_rows())
    assert sum(truth.values()) > 20
    told = [
        {
            name: int(next(iter(re.findall(r"\d+", line))))
            for line in one.out.splitlines()
            for name in truth
            if name in line
        }
        for one in ran
        if "memorized" in one.line or one.line.endswith("cut -d, -f9 | sort | uniq -c | sort -rn")
    ]
    assert len(told) >= 3
    assert all(counts == truth for counts in told)


def _the_lists_are_the_tables(ran: list[Ran], folder: Path) -> None:
    out = {one.line.split(" | ")[0]: one.out for one in ran}
    assert out["dejavu score --top 1,5,20,100 --directions"].count("%") == 4 * 4
    sweep = out["dejavu score --epochs-sweep --top 20"].splitlines()
    assert sweep[0].split() == ["epoch", "direction", "dejavu_score", "ci_low", "ci_high"]
    assert [line.split()[:2] for line in sweep[1:]] == [
        [epoch, part] for epoch in ("10", "20") for part in ("both", "E")
    ]
    gaps = [float(line.split(",")[3]) for line in out["dejavu classes"].splitlines()]
    assert gaps == sorted(gaps, reverse=True)
    shown = re.findall(r"^image \d+", out["dejavu top -n 3"], flags=re.MULTILINE)
    assert len(shown) == 3
    if (folder / "remembered.txt").exists():
        remembered = (folder / "remembered.txt").read_text(encoding="utf-8").splitlines()
        assert remembered
        assert all((folder / "images" / path).is_file() for path in remembered)
    assert "dejavu_score" in (folder / "scores.csv").read_text(encoding="utf-8")
