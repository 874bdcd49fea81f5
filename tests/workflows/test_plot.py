from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.plot import plot
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), memory={20: 0.5})


def test_picture_and_numbers(audit: Audit, tmp_path: Path) -> None:
    picture, numbers = plot(audit, "confidence", tmp_path / "c.png")
    first = picture.read_bytes()
    assert first.startswith(b"\x89PNG")
    table = pl.read_csv(numbers)
    scores = score_run(audit).filter(direction="both")
    assert table.height == 100
    for row in scores.iter_rows(named=True):
        drawn = table.filter(top_percent=row["top_percent"]).row(0, named=True)
        for name in ("accuracy_target", "accuracy_reference", "dejavu_score", "ci_low", "ci_high"):
            assert drawn[name] == row[name]
    plot(audit, "confidence", tmp_path / "c.png")
    assert picture.read_bytes() == first


@pytest.mark.parametrize(
    ("figure", "out", "reason"),
    [("confidence", "c.bmp", "PNG"), ("confidence", "gone/c.png", "no such folder"), ("pie", "c.png", "no figure")],
)
def test_what_cannot_be_drawn_is_refused(audit: Audit, tmp_path: Path, figure: str, out: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        plot(audit, figure, tmp_path / out)
    assert list(tmp_path.iterdir()) == []
