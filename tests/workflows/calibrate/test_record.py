"""The verdict kept in an audit."""

from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.artefacts import MANIFEST
from dejavu_tui.errors import ArtefactError, BusyError
from dejavu_tui.tables import CALIBRATION
from dejavu_tui.workflows.calibrate.record import check_free, keep, quote
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("record"), images=24, attacked=4, memory={})


def table(*verdicts: str) -> pl.DataFrame:
    rows = [(f"truth {i}", "dejavu_score", 0.0, 0.0, 0.0, 0.0, verdict) for i, verdict in enumerate(verdicts)]
    return pl.DataFrame(rows, schema=CALIBRATION.schema, orient="row")


def test_no_record_says_nothing(tmp_path: Path) -> None:
    assert quote(Audit(tmp_path)) is None


def test_a_pass_a_fail_and_the_latest_counts(planted: Audit) -> None:
    keep(planted, table("pass", "pass"), seed=3, coverage=None)
    assert quote(planted) == "calibration: passed, 2 checks, dejavu 0.1.0, seed 3"
    keep(planted, table("pass", "fail", "fail"), seed=0, coverage=200)
    said = quote(planted)
    assert said is not None
    assert said.startswith("calibration: FAILED, 2 of 3 checks (first: truth 1, dejavu_score)")


def test_other_versions_are_said(planted: Audit) -> None:
    folder = keep(planted, table("pass"), seed=0, coverage=None)
    assert folder is not None
    path = folder / MANIFEST
    text = path.read_text()
    path.write_text(text.replace('"dejavu-tui": "0.1.0"', '"dejavu-tui": "0.0.9"'))
    assert text != path.read_text()
    said = quote(planted)
    assert said is not None
    assert "dejavu 0.0.9, seed 0; but with dejavu-tui 0.0.9, now 0.1.0: run `dejavu calibrate` again" in said


def test_a_damaged_record_is_named_with_what_to_do(planted: Audit) -> None:
    folder = keep(planted, table("pass"), seed=0, coverage=None)
    assert folder is not None
    path = folder / "calibration.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtefactError, match=r"calibration\.parquet.*dejavu calibrate"):
        quote(planted)


def test_an_audit_that_is_being_written_is_refused_and_one_that_is_not_stays_free(planted: Audit) -> None:
    with planted.lock(at=planted.root), pytest.raises(BusyError, match="is being written"):
        check_free(planted)
    check_free(planted)
    assert keep(planted, table("pass"), seed=0, coverage=None) is not None
