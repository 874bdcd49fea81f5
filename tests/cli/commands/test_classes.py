import csv
import io
from pathlib import Path

import pytest

from dejavu_tui.tables import CLASSES
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_csv_is_the_table_in_order_of_rank_direction_and_class(audit: Audit) -> None:
    done = dejavu("classes", "--labels", "1,2", "--directions", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    assert "search: exact, recall 1.0000" in done.stderr.splitlines()
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == list(CLASSES.schema)
    expected = [(r, d, label) for r in "12" for d in ("both", "A", "B", "E") for label in "0123"]
    assert [(row["label_rank"], row["direction"], row["label"]) for row in rows] == expected


def test_a_table_has_a_block_a_direction_the_largest_gap_first(audit: Audit) -> None:
    text = dejavu("classes", "--format", "table", cwd=audit.root).stdout
    assert text.startswith("run planted  epoch 20  layer projector  k 10\n\nA and B: ")
    assert "\n\nE, which neither encoder saw: " in text
    block = text.split("\n\n")[1].splitlines()[3:]
    assert {line.split()[0] for line in block} == {"ant", "bee", "cat", "dog"}
    gaps = [float(line.split()[4]) for line in block]
    assert gaps == sorted(gaps, reverse=True)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--labels", "6"], "--labels from 1 to 5"), (["--labels", "1,1"], "twice"), (["--k", "0"], "k = 0")],
)
def test_what_cannot_be_asked(audit: Audit, tmp_path: Path, words: list[str], said: str) -> None:
    done = dejavu("classes", str(audit.root), *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
