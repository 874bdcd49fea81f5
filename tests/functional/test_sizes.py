"""Nested sizes from images to one table, as a person would type it."""

import io
import json
from pathlib import Path

import polars as pl
import pytest

from tests.data.folders import build_folder
from tests.functional.test_contract import dejavu
from tests.workflows.trainings import SMALL


@pytest.mark.slow
def test_split_train_and_score_of_several_sizes(tmp_path: Path) -> None:
    build_folder(tmp_path / "pictures", per_class=12, side=16)
    done = dejavu(
        "split", "pictures", "--out", "audit", "--sizes", "4,6,9", "--k", "5", "--shared", "1", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    chosen = [word for setting in SMALL for word in ("--set", setting)]
    for size in ("6", "all", "4"):
        done = dejavu(
            "train",
            "--method",
            "simclr",
            "--epochs",
            "2",
            "--snapshots",
            "1",
            *chosen,
            "--size",
            size,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
    done = dejavu("score", "--sizes-sweep", "--top", "20", "--probe", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    table = pl.read_csv(io.StringIO(done.stdout))
    assert table.select("run", "train_size", "epoch", "n").rows() == [
        ("simclr-convnet-4", 4, 2, 8),
        ("simclr-convnet-6", 6, 2, 12),
        ("simclr-convnet", 9, 2, 18),
    ]
    assert table["probe_gap"].null_count() == 0
    for run, size in table.select("run", "train_size").iter_rows():
        for trainer in "AB":
            card = tmp_path / "audit" / "encoders" / run / "onnx" / f"{trainer}-000002" / "encoder.json"
            assert json.loads(card.read_text())["train_size"] == size
    assert dejavu("score", "--sizes-sweep", "--top", "20", "--probe", cwd=tmp_path).stdout == done.stdout
