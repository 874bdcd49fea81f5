"""`dejavu calibrate` as a process: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.tables import CALIBRATION
from dejavu_tui.workflows.calibrate.record import keep
from tests.data.planted import planted_audit

BIN = Path(sys.executable).parent
RUNNER = """
import sys
from dataclasses import replace
from dejavu_tui.workflows.calibrate import instrument, truths
few = tuple(replace(one, dials=(0,)) for one in truths.TRUTHS if one.name in ("remembers all", "untrained"))
instrument.calibrate.__kwdefaults__["truths"] = few
instrument.PER_CLASS, instrument.RESAMPLES = 9, 20
exec(sys.argv.pop(1))
from dejavu_cli.main import run
try:
    run()
finally:
    heavy = {"torch", "textual", "matplotlib"} & {name.split(".")[0] for name in sys.modules}
    assert not heavy, heavy
"""
"""The command with two of its truths on small parts, after a statement of the test."""
BROKEN = (
    "from dejavu_tui.workflows import infer\n"
    "infer.tally = lambda labels, right=infer.tally: right((labels + 1) % 8)"
)


def calibrate(*words: str, cwd: Path, first: str = "pass") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", RUNNER, first, "calibrate", *words]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def test_without_an_audit_the_verdict_is_printed_the_same_each_time_and_nothing_is_left(tmp_path: Path) -> None:
    told = [calibrate(cwd=tmp_path), calibrate("--format", "csv", cwd=tmp_path)]
    assert {done.returncode for done in told} == {0}, told[0].stderr
    assert told[0].stdout == told[1].stdout
    header, *rows = told[0].stdout.splitlines()
    assert header == "check,quantity,expected,low,high,measured,verdict"
    assert all(row.endswith(",pass") for row in rows)
    assert "printed, not kept" in told[0].stderr
    assert told[0].stderr.splitlines()[-1] == f"all {len(rows)} checks passed"
    assert list(tmp_path.iterdir()) == []


def test_in_an_audit_the_verdict_is_kept_and_score_quotes_it(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=24, attacked=4, k=5)
    done = calibrate("--seed", "4", "--format", "jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(lines[0]) == [column.name for column in CALIBRATION.columns]
    kept = CALIBRATION.read(audit.root / "calibration" / "calibration.parquet")
    assert kept.height == len(lines)
    score = [str(BIN / "dejavu"), "score"]
    told = subprocess.run(score, cwd=audit.root, capture_output=True, text=True, timeout=120, check=True)
    assert f"calibration: passed, {len(lines)} checks, dejavu 0.1.0, seed 4" in told.stderr.splitlines()
    assert "calibration" not in told.stdout
    failing = kept.with_columns(verdict=pl.lit("fail"))
    keep(audit, failing, seed=4, coverage=None)
    told = subprocess.run(score, cwd=audit.root, capture_output=True, text=True, timeout=120, check=True)
    assert f"calibration: FAILED, {len(lines)} of {len(lines)} checks" in told.stderr


def test_an_audit_that_is_being_written_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=24, attacked=4, k=5)
    with audit.lock():
        done = calibrate(cwd=tmp_path, first="instrument.build_world = None")
    assert (done.returncode, done.stdout) == (4, "")
    assert "is being written by process" in done.stderr


def test_score_reads_a_damaged_record_before_it_computes(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=24, attacked=4, k=5)
    done = calibrate(cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = audit.root / "calibration" / "calibration.parquet"
    record.write_bytes(record.read_bytes()[:-1] + b"x")
    line = [str(BIN / "dejavu"), "score"]
    refused = subprocess.run(line, cwd=audit.root, capture_output=True, text=True, timeout=120, check=False)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "calibration.parquet" in refused.stderr
    assert not (audit.root / "neighbours").exists()


def test_a_wrong_instrument_exits_with_5_and_prints_the_table_all_the_same(tmp_path: Path) -> None:
    out = tmp_path / "verdict.csv"
    done = calibrate("--out", str(out), cwd=tmp_path, first=BROKEN)
    assert (done.returncode, done.stdout) == (5, "")
    rows = pl.read_csv(out)
    failed = rows.filter(verdict="fail")
    assert 0 < failed.height <= rows.height
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"dejavu: the verdict is no: {failed.height} of {rows.height} checks failed")


def test_a_table_for_people_and_a_reader_that_leaves_early(tmp_path: Path) -> None:
    done = calibrate("--format", "table", cwd=tmp_path)
    assert "remembers all, dial 0" in done.stdout
    assert len(done.stdout.splitlines()[1]) <= 140
    script = tmp_path / "run.py"
    script.write_text(RUNNER)
    line = f"{sys.executable} run.py pass calibrate 2> errors.txt | head -2"
    piped = subprocess.run(
        ["/bin/bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True
    )
    assert len(piped.stdout.splitlines()) == 2
    assert "error" not in (tmp_path / "errors.txt").read_text().lower()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-such-audit",), "is no audit folder"),
        (("--coverage", "10"), "--coverage"),
        (("--seed", "-1"), "--seed"),
        (("--out", "no/such/folder.csv"), "no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(BIN / "dejavu"), "calibrate", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
