"""Embedding and search in shards, and int8, as they are typed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.records import never, silent
from dejavu_tui.workflows.int8 import export_int8
from dejavu_tui.workspace import Audit
from tests.data.convolved import convolve
from tests.data.planted import RUN, planted_audit
from tests.functional.test_contract import dejavu


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("made"), images=40, attacked=10)
    for epoch in (10, 20):
        convolve(audit, epoch)
    return audit


@pytest.fixture
def folder(made: Audit, tmp_path: Path) -> Path:
    shutil.copytree(made.root.parent, tmp_path / "copy")
    return tmp_path / "copy"


def test_shards_side_by_side_give_the_scores_of_one_process(folder: Path, tmp_path: Path) -> None:
    alone = shutil.copytree(folder, tmp_path / "alone")
    expected = dejavu("score", "--epochs-sweep", cwd=alone)
    assert expected.returncode == 0
    for stage in ("embed", "search"):
        shard = partial(dejavu, stage, "--epoch", "all", "--shard", cwd=folder)
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(shard, ("1/3", "2/3", "3/3")))
        for one in done:
            assert (one.returncode, one.stdout) == (0, ""), one.stderr
        assert (
            "shard 3 of 3 is done; when all are, the same command without --shard puts them together"
            in done[2].stderr
        )
        if stage == "embed":
            together = dejavu("embed", "--epoch", "all", cwd=folder)
            assert (together.returncode, together.stdout) == (0, "")
    found = dejavu("score", "--epochs-sweep", cwd=folder)
    assert found.stdout == expected.stdout


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/0", "a/b", "1/99999999", "-1/3", "1/2/3"])
def test_what_is_no_shard_is_refused(folder: Path, shard: str) -> None:
    done = dejavu("embed", f"--shard={shard}", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "write I/N, such as 3/16" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_shards_of_a_search_before_the_embeddings_are_refused(folder: Path) -> None:
    done = dejavu("search", "--shard", "1/2", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not embedded yet; run `dejavu embed --run planted` without --shard" in done.stderr


def test_int8_is_exported_told_and_noted_in_every_row(folder: Path) -> None:
    exported = dejavu("export-onnx", "--precision", "int8", cwd=folder)
    assert exported.returncode == 0, exported.stderr
    assert [Path(line).parent.name for line in exported.stdout.split()] == ["A-000020-int8", "B-000020-int8"]
    for name in ("A-000020-int8", "B-000020-int8"):
        (told,) = [line for line in exported.stderr.splitlines() if line.startswith(name)]
        assert "of the neighbours" in told
        assert "score at 20%" in told
    for words in (("--directions",), ("--epochs-sweep", "--top", "20")):
        done = dejavu("score", "--precision", "int8", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
        notes = pl.read_csv(done.stdout.encode())["note"]
        assert all(note.startswith("int8: an approximation") for note in notes)
    assert "int8" not in dejavu("score", cwd=folder).stdout
    assert "int8" not in dejavu("overview", "--format", "csv", cwd=folder).stdout


def test_int8_is_for_scores_and_for_runs(folder: Path) -> None:
    for words, said in (
        (("score", "--per-sample", "--precision", "int8"), "goes with scores"),
        (("score", "--per-sample", "--ray", "local"), "goes with scores"),
        (("export-onnx", "--precision", "int8", "--checkpoint", "a.pth"), "does not go with --checkpoint"),
    ):
        done = dejavu(*words, cwd=folder)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert said in done.stderr


def test_an_int8_encoder_that_says_other_things_is_refused_and_leaves_nothing(folder: Path) -> None:
    audit = Audit(folder / "audit")
    convolve(audit, 20, outlier=3000.0)
    done = dejavu("export-onnx", "--precision", "int8", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "of the neighbours (at least 95%); most is lost at" in done.stderr
    assert not list(audit.run_folder(RUN).rglob("*int8*"))


@pytest.mark.parametrize("words", [("--workers", "1"), ("--workers", "3"), ("--providers", "cpu")])
def test_workers_decide_nothing(folder: Path, words: tuple[str, str]) -> None:
    expected = dejavu("score", cwd=folder).stdout
    shutil.rmtree(folder / "audit/embeddings")
    assert dejavu("score", *words, cwd=folder).stdout == expected


def test_a_provider_that_is_not_installed_says_what_to_install(folder: Path) -> None:
    done = dejavu("embed", "--providers", "cuda", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "install onnxruntime-gpu in place of onnxruntime" in done.stderr


def test_int8_is_made_once(folder: Path) -> None:
    audit = Audit(folder / "audit")
    files = export_int8(audit, RUN, (20,), progress=silent, stop=never)
    before = [path.stat().st_mtime_ns for path in files]
    assert dejavu("score", "--precision", "int8", cwd=folder).returncode == 0
    assert [path.stat().st_mtime_ns for path in files] == before
