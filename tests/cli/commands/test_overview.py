import io
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.tables import OVERVIEW
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.cli.commands.test_score import dejavu
from tests.data.planted import RUN, planted_audit
from tests.data.trunks import TRUNKS, import_trunks


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2, k=3)
    score_run(audit, epochs=(20,))
    return audit


def test_every_snapshot_has_a_row_with_the_score_at_20_percent(audit: Audit) -> None:
    done = dejavu("overview", cwd=audit.root)
    assert done.returncode == 0
    frame = pl.read_csv(io.StringIO(done.stdout))
    assert frame.columns == list(OVERVIEW.schema)
    assert frame.select("epoch", "stage", "index").rows() == [(10, "exported", False), (20, "scored", False)]
    wanted = score_run(audit, epochs=(20,), tops=(20,))["dejavu_score"][0]
    assert frame["dejavu_score"].to_list() == [None, wanted]
    assert "run planted: epoch 10 not scored; dejavu score --run planted --epoch 10" in done.stderr.splitlines()
    table = dejavu("overview", "--format", "table", cwd=audit.root).stdout
    assert table.splitlines()[0] == "A 8  B 8  X 32  attacked 16  layer projector  k 3"
    assert f"{wanted:.3f}" in table


def test_what_is_missing_comes_with_its_command(audit: Audit, tmp_path: Path) -> None:
    done = dejavu("overview", str(audit.root), "--missing", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("not scored")) == (0, 0)
    rows = pl.read_csv(io.StringIO(done.stdout))
    assert rows.columns == ["missing", "command"]
    assert rows.row(0) == (
        "run planted: epoch 10 not scored",
        f"dejavu score {audit.root} --run planted --epoch 10",
    )


def test_an_audit_without_a_run(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3, memory={1: 0.0})
    (audit.root / "encoders").rename(tmp_path / "elsewhere")
    done = dejavu("overview", "--format", "table", cwd=audit.root)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert "no run yet; dejavu train --method simclr" in done.stderr


def test_runs_that_are_measured_at_different_layers_say_at_which(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3, memory={1: 1.0})
    import_trunks(audit, run=RUN, epoch=1, through=tmp_path)
    done = dejavu("score", "--run", TRUNKS, "--top", "20", cwd=audit.root)
    assert pl.read_csv(io.StringIO(done.stdout))["layer"].unique().to_list() == ["backbone"]
    lines = dejavu("overview", "--format", "table", cwd=audit.root).stdout.splitlines()
    assert lines[0] == "A 8  B 8  X 32  attacked 16  k 3"
    assert [row.split()[:3] for row in lines[-2:]] == [[TRUNKS, "0", "backbone"], [RUN, "1", "projector"]]
