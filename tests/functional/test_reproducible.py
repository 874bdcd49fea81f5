"""The same commands give the same bytes: in another folder, on one core or two, with one thread or two."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder
from tests.data.planted import SIZE, model_of, publish_encoder

DEJAVU = "from dejavu_cli.main import run; run()"
SPLIT = ("split", "images", "--out", "audit", "--per-class", "12", "--external", "4", "--k", "20", "--seed", "5")
SCORES = (
    ("score", "audit", "--directions", "--layer", "projector", "--layer", "backbone", "--k", "20,7"),
    ("score", "audit", "--search", "hnsw", "--recall", "0.9"),
    ("score", "audit", "--per-sample", "--format", "jsonl"),
)
_DIMS = {"backbone": 192, "projector": 256}
_CORES = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else []


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_folder(tmp_path_factory.mktemp("source") / "images", classes=3, per_class=90, side=40)


@pytest.fixture(scope="module")
def first(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return made(source, tmp_path_factory.mktemp("first"))


@pytest.mark.parametrize(("cores", "threads"), [(None, None), (1, "1"), (2, "2"), (1, "2")])
def test_the_same_bytes(
    source: Path, tmp_path: Path, first: dict[str, bytes], cores: int | None, threads: str | None
) -> None:
    if cores and (shutil.which("taskset") is None or len(_CORES) < cores):
        pytest.skip(f"cannot hold a process to {cores} cores here")
    again = made(source, tmp_path, cores=cores, threads=threads)
    assert again.keys() == first.keys()
    assert [name for name in first if again[name] != first[name]] == []


def test_all_kinds_of_artefacts_were_compared(first: dict[str, bytes]) -> None:
    rooms = {name.split("/")[0] for name in first}
    assert rooms >= {"embeddings", "neighbours", "indexes", "scores", "parts.parquet", "crops.parquet"}
    assert sum(name.endswith("distances.npy") for name in first) == 6  # two layers exact, one hnsw, two encoders
    assert all(first[f"stdout of {' '.join(words)}"] for words in SCORES)


def made(source: Path, folder: Path, *, cores: int | None = None, threads: str | None = None) -> dict[str, bytes]:
    """Run all commands in `folder`, which is fresh; return what they printed and every file of the audit."""
    shutil.copytree(source, folder / "images")
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    env |= {} if threads is None else {"OMP_NUM_THREADS": threads}
    held = [] if cores is None else ["taskset", "-c", ",".join(map(str, _CORES[:cores]))]

    def dejavu(*words: str) -> bytes:
        line = [*held, sys.executable, "-c", DEJAVU, *words]
        done = subprocess.run(line, cwd=folder, env=env, capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    dejavu(*SPLIT)
    audit = Audit(folder / "audit")
    for number, trainer in enumerate(TRAINERS):
        publish_encoder(audit, EncoderId("wide", trainer, 1), _network(seed=number), dims=_DIMS)
    found = {f"stdout of {' '.join(words)}": dejavu(*words) for words in SCORES}
    files = (path for path in sorted(audit.root.rglob("*")) if path.is_file() and path.name != ".lock")
    return found | {str(path.relative_to(audit.root)): path.read_bytes() for path in files}


def _network(*, seed: int) -> onnx.ModelProto:
    """An encoder with a convolution and a matrix product, large enough that threads would share them out."""
    rng = np.random.default_rng(seed)
    constants: dict[str, NDArray[np.generic]] = {
        "filters": (rng.normal(size=(12, 3, 5, 5)) / 9).astype(np.float32),
        "weights": (rng.normal(size=(192, 256)) / 14).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["pixels", "filters"], ["maps"], pads=[2, 2, 2, 2]),  # (n, 12, 32, 32)
        helper.make_node("Relu", ["maps"], ["positive"]),
        helper.make_node(
            "AveragePool", ["positive"], ["small"], kernel_shape=[SIZE // 4] * 2, strides=[SIZE // 4] * 2
        ),
        helper.make_node("Flatten", ["small"], ["backbone"]),  # (n, 192)
        helper.make_node("MatMul", ["backbone", "weights"], ["mixed"]),
        helper.make_node("Relu", ["mixed"], ["projector"]),
    ]
    return model_of(nodes, constants, _DIMS)
