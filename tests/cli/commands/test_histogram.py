import csv
import io
from pathlib import Path

import pytest

from dejavu_tui.tables import HISTOGRAM
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu
from tests.workflows.sized import audit_without_attack


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_csv_holds_every_bin_of_both_encoders(audit: Audit) -> None:
    done = dejavu("histogram", "--k", "6", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    assert "search: exact, recall 1.0000" in done.stderr.splitlines()
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == list(HISTOGRAM.schema)
    assert len(rows) == 3 * 2 * 4 * 20
    for encoder in ("target", "reference"):
        assert sum(int(row["images"]) for row in rows if row["encoder"] == encoder) == audit.attacked().height


def test_a_table_counts_every_image_once_for_each_encoder_and_fits_80_columns(audit: Audit) -> None:
    text = dejavu("histogram", "--format", "table", cwd=audit.root).stdout
    assert max(map(len, text.splitlines())) <= 80
    blocks = text.split("\n\n")
    assert [block.splitlines()[0] for block in blocks[1:]] == [
        "A and B: 64 images",
        "E, which neither encoder saw: 16 images",
    ]
    for block, images in zip(blocks[1:], (64, 16), strict=True):
        bins = block.splitlines()[4:]
        assert float(bins[0].split()[0]) > -2.303, "empty bins at the end are left out"
        assert sum(int(cell) for line in bins for cell in line.split()[1:]) == 2 * images


def test_a_part_without_an_attacked_image_is_named(tmp_path: Path) -> None:
    audit, _ = audit_without_attack(tmp_path)
    done = dejavu("histogram", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    assert {row["part"] for row in csv.DictReader(io.StringIO(done.stdout))} == {"E"}
    assert "no image of A and B is attacked" in done.stderr
