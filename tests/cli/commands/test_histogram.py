import csv
import io

import pytest

from dejavu_tui.tables import HISTOGRAM
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_csv_holds_every_bin_of_both_encoders(audit: Audit) -> None:
    done = dejavu("histogram", "--k", "6", cwd=audit.root)
    assert done.returncode == 0, done.stderr
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
