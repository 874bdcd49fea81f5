import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.records import EncoderId
from dejavu_tui.tables import SAMPLES, SCORES
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.workflows.sized import plant_run

DEJAVU = "from dejavu_cli.main import run; run()"


def dejavu(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DEJAVU, *words], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4)


def test_csv_in_a_pipe_and_talk_on_stderr(audit: Audit) -> None:
    done = dejavu("score", "--epochs-sweep", cwd=audit.root.parent)
    assert done.returncode == 0
    table = pl.read_csv(io.StringIO(done.stdout))
    assert table.columns == list(SCORES.schema)
    assert table["epoch"].unique(maintain_order=True).to_list() == [10, 20]
    assert table["direction"].unique(maintain_order=True).to_list() == ["both", "E"]
    assert "search: exact, recall 1.0000" in done.stderr
    assert not (audit.root / "indexes").exists()  # exact search needs none
    assert dejavu("score", "--epochs-sweep", cwd=audit.root).stdout == done.stdout


def test_formats_and_files(audit: Audit, tmp_path: Path) -> None:
    whole = dejavu("score", "--top", "20", "--k", "5,3", "--labels", "1,5", "--directions", cwd=audit.root).stdout
    assert len(whole.splitlines()) == 1 + 2 * 2 * 4
    rows = dejavu("score", "--top", "20", "--format", "jsonl", cwd=audit.root).stdout.splitlines()
    assert [json.loads(row)["probe_gap"] for row in rows] == [None, None]
    shown = dejavu("score", "--top", "20", "--format", "table", cwd=audit.root).stdout
    assert "both" in shown
    assert "\x1b" not in shown
    done = dejavu("score", "--out", str(tmp_path / "s.parquet"), cwd=audit.root)
    assert done.stdout == ""
    assert pl.read_parquet(tmp_path / "s.parquet").schema == SCORES.schema


def test_a_filter_narrows_the_rows_of_every_snapshot(audit: Audit) -> None:
    whole = pl.read_csv(io.StringIO(dejavu("score", "--per-sample", "--epochs-sweep", cwd=audit.root).stdout))
    for typed, wanted in (
        ("kind:memorized", (pl.col("kind") == "memorized") & (pl.col("part") != "E")),
        ("part:E class:cat", (pl.col("label_name") == "cat") & (pl.col("part") == "E")),
        ("conf>=-1", (pl.col("target_confidence") >= -1) & (pl.col("part") != "E")),
    ):
        done = dejavu("score", "--per-sample", "--epochs-sweep", "--filter", typed, cwd=audit.root)
        assert pl.read_csv(io.StringIO(done.stdout), schema=whole.schema).equals(whole.filter(wanted))
    for words in (["--filter", ""], ["--view", "cats"]):
        done = dejavu("score", *words, cwd=audit.root)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--per-sample" in done.stderr


def test_one_row_for_each_image(audit: Audit, tmp_path: Path) -> None:
    done = dejavu("score", "--per-sample", "--epochs-sweep", cwd=audit.root)
    table = pl.read_csv(io.StringIO(done.stdout))
    lists = [name for name, dtype in SAMPLES.schema.items() if dtype == pl.List]
    assert table.columns == [name for name in SAMPLES.schema if name not in lists]
    assert table.height == 2 * audit.attacked().height
    assert done.stderr.splitlines().count("search: exact, recall 1.0000") == 1
    dejavu("score", "--per-sample", "--k", "4", "--out", str(tmp_path / "s.parquet"), cwd=audit.root)
    assert pl.read_parquet(tmp_path / "s.parquet")["target_neighbours"].list.len().unique().to_list() == [4]


@pytest.mark.parametrize(("limit", "code"), [("0.05", 5), ("0.99", 0)])
def test_the_gate_prints_the_table_all_the_same(audit: Audit, limit: str, code: int) -> None:
    done = dejavu("score", "--fail-above", limit, cwd=audit.root)
    assert done.returncode == code
    assert len(done.stdout.splitlines()) == 9
    assert ("the verdict is no" in done.stderr) == (code == 5)


def test_the_gate_judges_what_top_names(audit: Audit) -> None:
    assert dejavu("score", "--epoch", "10", "--fail-above", "0", "--top", "1,100", cwd=audit.root).returncode == 0
    assert dejavu("score", "--fail-above", "0", "--top", "1,100", cwd=audit.root).returncode == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--k", "81"], "k = 81, but X holds 80 images"),
        (["--k", "some"], "whole numbers"),
        (["--run", "plantet"], "did you mean 'planted'"),
        (["--epoch", "11"], "there are: 10, 20"),
        (["--layer", "head"], "no layer 'head'"),
        (["--top", "0"], "percentage"),
        (["--epoch", "10", "--epochs-sweep"], "--epoch"),
        (["--sizes-sweep", "--epochs-sweep"], "--sizes-sweep"),
        (["--sizes-sweep"], "was not trained here"),
        (["--per-sample", "--probe"], "goes with scores"),
        (["--per-sample", "--top", "20"], "--top"),
        (["--per-sample", "--labels", "5"], "--labels"),
        (["--per-sample", "--directions"], "--directions"),
        (["--fail-above", "nan"], "scores are shares"),
        (["--fail-above", "5"], "scores are shares"),
        (["--per-sample", "--fail-above", "0"], "--fail-above"),
        (["nowhere"], "is no audit folder"),
    ],
)
def test_what_is_mistyped_ends_with_2_and_empty_stdout(audit: Audit, words: list[str], said: str) -> None:
    done = dejavu("score", *words, cwd=audit.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_damaged_file_ends_with_3_in_one_line(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, memory={20: 1.0})
    path = audit.root / "encoders" / "planted" / "onnx" / "B-000020" / "encoder.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    done = dejavu("score", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "encoder.onnx" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_ends_it_quietly(audit: Audit) -> None:
    command = f"'{sys.executable}' -c '{DEJAVU}' score --top 1,2,3,4,5,6,7,8,9 2>errors | head -1"
    done = subprocess.run(command, shell=True, cwd=audit.root.parent, capture_output=True, text=True, timeout=60)  # noqa: S602
    assert done.stdout.startswith("run,method")
    assert "Traceback" not in (audit.root.parent / "errors").read_text()


def test_exported_encoders_need_no_torch(audit: Audit) -> None:
    code = (
        "import sys\nsys.argv = ['dejavu', 'score']\nfrom dejavu_cli.main import run\n"
        "try:\n    run()\nexcept SystemExit as leave:\n    assert leave.code == 0\n"
        "assert not {'torch', 'torchvision', 'lightly', 'textual', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=audit.root, check=True, capture_output=True, timeout=60)


def test_sizes_one_row_each_and_what_is_left_out(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path)
    for run, size in (("p", None), ("p-8", 8)):
        plant_run(audit, run, size=size)
    done = dejavu("score", "--sizes-sweep", "--run", "p", "--top", "20", cwd=tmp_path)
    assert done.returncode == 0
    table = pl.read_csv(io.StringIO(done.stdout))
    assert table.select("run", "train_size", "epoch", "n").rows() == [("p-8", 8, 20, 16), ("p", 32, 20, 64)]
    assert "one size only" not in done.stderr
    last = dejavu("score", "--top", "1,100", cwd=tmp_path)
    assert ", the one trained last; --run chooses among 3" in last.stderr
    assert "top 1% of 32 images in each direction: 1, too few" in last.stderr
    early = dejavu("score", "--sizes-sweep", "--run", "p", "--top", "20", "--epoch", "10", cwd=tmp_path)
    assert pl.read_csv(io.StringIO(early.stdout))["epoch"].to_list() == [10, 10]
    rows = dejavu("score", "--sizes-sweep", "--run", "p", "--per-sample", "--k", "4", cwd=tmp_path)
    counts = pl.read_csv(io.StringIO(rows.stdout))["run"].value_counts().sort("run").rows()
    assert counts == [("p", 64), ("p-8", 16)]
    shutil.rmtree(audit.onnx_folder(EncoderId("p-8", "A", 20)))
    done = dejavu("score", "--sizes-sweep", "--run", "p", "--top", "20", cwd=tmp_path)
    assert len(done.stdout.splitlines()) == 2
    assert "left out: run p-8 has no snapshot of both A and B at epoch 20" in done.stderr
    assert "one size only: 32 images, run p; train others with `dejavu train --size N`" in done.stderr


def test_the_probe_stands_in_the_same_row_and_says_what_it_was_tested_on(audit: Audit) -> None:
    done = dejavu("score", "--probe", "--top", "20", "--epochs-sweep", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    table = pl.read_csv(io.StringIO(done.stdout))
    gaps = table["probe_train"] - table["probe_test"]
    assert table["probe_gap"].to_list() == pytest.approx(gaps.to_list())
    assert table["note"].null_count() == table.height
    assert "linear probe: tested on 32 images of B and 32 images of A" in done.stderr
    again = dejavu("score", "--probe", "--top", "20", "--epochs-sweep", cwd=audit.root)
    assert (again.stdout, "probe A" in again.stderr) == (done.stdout, False)
