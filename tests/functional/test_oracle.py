"""From pictures and encoders to the CSV of `dejavu score`, against the equations in plain Python."""

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from dejavu_tui.records import Trainer
from dejavu_tui.workspace import Audit
from tests import oracles
from tests.data.lookup import lookup_audit

PERCENTS = tuple(range(1, 101))
Embed = Callable[[np.random.Generator, NDArray[np.int64]], NDArray[np.floating]]
"""Makes the table (2 n, d) of a lookup audit for images of these classes (n,)."""


@dataclass(frozen=True)
class Case:
    """What is planted: embeddings, images of each class, the parts' sizes in each class, the k's asked."""

    embed: Embed
    classes: int = 3
    images: int = 20
    attacked: int = 4
    external: int = 2
    ks: tuple[int, ...] = (10, 7, 1)


def anywhere(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    return rng.normal(size=(2 * len(labels), 3))


def by_class(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    centres = rng.normal(size=(3, 3)) * 2
    return centres[np.repeat(labels, 2)] + rng.normal(size=(2 * len(labels), 3))


def corners(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    return rng.integers(0, 2, (2 * len(labels), 2)).astype(float)  # equal images and equal distances everywhere


def crops_equal(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    table = rng.integers(0, 3, (2 * len(labels), 2)).astype(float)
    table[1::2] = 1  # every crop votes alike, so all confidences are one block
    return table


def two_points(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    table = np.zeros((2 * len(labels), 1))
    table[::2, 0] = labels == 0  # X is its first class at 1 and all others at 0
    table[1::2, 0] = rng.random(len(labels)) < 0.5
    return table


def far_away(rng: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.floating]:
    return 4096 + rng.integers(0, 4, (2 * len(labels), 2)).astype(float)  # close together, far from 0


CASES = {
    "random": Case(anywhere),
    "by class": Case(by_class, images=24),
    "one class": Case(anywhere, classes=1),
    "k is all of X": Case(by_class, images=14, attacked=3, external=1, ks=(21, 5)),
    "one image in each part": Case(anywhere, classes=1, images=12, attacked=1, external=1, ks=(3, 9)),
    "equal distances": Case(corners),
    "equal crops": Case(crops_equal),
    "two points": Case(two_points, ks=(10, 30)),
    "far from 0": Case(far_away),
    "no control": Case(corners, external=0, classes=2),
    "many classes, few images": Case(anywhere, classes=30, images=4, attacked=1, external=0, ks=(30, 8)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_table_is_the_oracles(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    rng = np.random.default_rng(len(name))
    labels = np.repeat(np.arange(case.classes), case.images)
    tables: dict[Trainer, NDArray[np.floating]] = {
        "A": case.embed(rng, labels).astype(np.float32),
        "B": case.embed(rng, labels).astype(np.float32),
    }
    audit = lookup_audit(
        tmp_path, tables, classes=case.classes, attacked=case.attacked, external=case.external, k=max(case.ks)
    )
    scored = _score(audit, ks=case.ks)
    images = _images(audit, tables)
    directions = ["both", "A", "B", "E"] if case.external else ["both", "A", "B"]
    assert scored.height == len(case.ks) * 2 * len(directions) * len(PERCENTS)
    for k in case.ks:
        for label_rank in (1, 5):
            expected = oracles.score_rows(images, k=k, label_rank=label_rank, percents=PERCENTS)
            assert list(dict.fromkeys(direction for direction, _ in expected)) == directions
            for row in scored.filter(k=k, label_rank=label_rank).iter_rows(named=True):
                oracle = expected[row["direction"], row["top_percent"]]
                found = {column: row[column] for column in oracle}
                assert found == pytest.approx({column: float(value) for column, value in oracle.items()}, abs=1e-12)


def _score(audit: Audit, *, ks: tuple[int, ...]) -> pl.DataFrame:
    words = ["score", "--directions", "--labels", "1,5", "--k", ",".join(map(str, ks))]
    words += ["--top", ",".join(map(str, PERCENTS))]
    line = [sys.executable, "-c", "from dejavu_cli.main import run; run()", *words]
    done = subprocess.run(line, cwd=audit.root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return pl.read_csv(io.StringIO(done.stdout))


def _images(audit: Audit, tables: dict[Trainer, NDArray[np.floating]]) -> list[oracles.Image]:
    rows = audit.members("A", "B", "E", "X").select("image_id", "part", "label").iter_rows()
    return [
        oracles.Image(
            image_id,
            part,
            label,
            {trainer: table[2 * image_id + (part != "X")].tolist() for trainer, table in tables.items()},
        )
        for image_id, part, label in rows
    ]
