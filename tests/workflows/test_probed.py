from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.embeddings.store import read
from dejavu_tui.errors import MeasurementError
from dejavu_tui.records import EncoderId, Progress, Stop, Trainer, View, never, silent
from dejavu_tui.workflows import probed
from dejavu_tui.workflows.pairs import Pair, prepare_pairs
from dejavu_tui.workflows.probe import Probed, probe_pair
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit
from tests.workflows.sized import plant_run

COLUMNS = ("probe_train", "probe_test", "probe_gap")
VIEWS: tuple[View, View] = ("own", "heldout")


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=2)


def test_each_direction_has_its_target_encoders_probe(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[Trainer, Probed] = {
        "A": Probed(train=0.9, test=0.5, heldout=""),
        "B": Probed(train=0.7, test=0.6, heldout=""),
    }
    monkeypatch.setattr(probed, "probe_pair", lambda *_, **__: found)
    rows = score_run(audit, tops=(20, 100), directions=True, probe=True)
    of = {direction: frame for (direction,), frame in rows.group_by("direction")}
    for direction, expected in {"both": (0.8, 0.55), "A": (0.9, 0.5), "E": (0.9, 0.5), "B": (0.7, 0.6)}.items():
        train, test = expected
        for row in of[direction].select(COLUMNS).iter_rows():
            assert row == pytest.approx((train, test, train - test), abs=1e-12)
    assert rows["note"].null_count() == rows.height


def test_one_row_has_what_the_probe_measured(audit: Audit) -> None:
    rows = score_run(audit, run=RUN, epochs=(10, 20), tops=(20,), directions=True, probe=True)
    for epoch in (10, 20):
        (pair,), _ = prepare_pairs(
            audit, run=RUN, epochs=(epoch,), layers=("projector",), progress=silent, stop=never
        )
        measured = probe_pair(audit, pair, progress=silent, stop=never)
        for trainer, one in measured.items():
            row = rows.filter(epoch=epoch, direction=trainer)
            assert (row["probe_train"][0], row["probe_test"][0]) == (one.train, one.test)
    assert rows["probe_gap"].null_count() == 0


def test_an_undefined_probe_leaves_the_scores_and_says_why(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(audit: Audit, pair: Pair, *, progress: Progress, stop: Stop) -> dict[Trainer, Probed]:
        if pair.epoch == 10:
            raise MeasurementError("has not converged", where="planted, A-000010", fix="")
        return probe_pair(audit, pair, progress=progress, stop=stop)

    monkeypatch.setattr(probed, "probe_pair", fail)
    rows = score_run(audit, epochs=(10, 20), tops=(20,), resamples=0, probe=True)
    early, late = rows.filter(epoch=10, direction="both"), rows.filter(epoch=20, direction="both")
    assert early["note"][0] == "no interval was asked for; no linear probe: has not converged (planted, A-000010)"
    assert early.select(COLUMNS).row(0) == (None, None, None)
    assert early["dejavu_score"][0] is not None
    assert (late["note"][0], late["probe_gap"].null_count()) == ("no interval was asked for", 0)


def test_not_asked_is_said_and_changes_no_score(audit: Audit) -> None:
    plain, asked = (score_run(audit, tops=(20,), probe=probe) for probe in (False, True))
    assert set(plain["note"]) == {"no linear probe was asked for"}
    assert plain.drop(*COLUMNS, "note").equals(asked.drop(*COLUMNS, "note"))
    assert plain.select(pl.col(COLUMNS).null_count()).row(0) == (plain.height,) * 3


def test_a_run_of_a_size_is_probed_on_its_own_training_set(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path)
    plant_run(audit, "p-8", size=8)
    rows = score_run(audit, run="p-8", epochs=(20,), tops=(100,), directions=True, probe=True)
    assert rows["probe_gap"].null_count() == 0
    assert rows["n"].to_list() == [16, 8, 8]
    for trainer in TRAINERS:
        encoder = EncoderId("p-8", trainer, 20)
        own, heldout = (
            read(audit.embeddings_folder(encoder, layer="backbone", view=view)).ids.tolist() for view in VIEWS
        )
        assert own == trained_on(audit, trainer, size=8)["image_id"].to_list()
        assert len(own) == 8
        assert heldout == audit.members("B" if trainer == "A" else "A")["image_id"].to_list()
