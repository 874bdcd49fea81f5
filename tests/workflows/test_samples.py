from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.records import EncoderId
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_one_row_for_each_attacked_image(audit: Audit) -> None:
    frame = chosen_samples(audit, run=None, epoch=20, layer="projector", k=6).samples
    assert frame.schema == SAMPLES.schema
    assert frame["image_id"].to_list() == audit.attacked()["image_id"].to_list()
    assert frame["target_neighbours"].list.len().unique().to_list() == [6]
    assert set(frame["target_neighbours"].explode()) <= set(audit.members("X")["image_id"])
    assert all(np.diff(row).min() >= 0 for row in frame["reference_distances"].to_list())


def test_the_rows_add_up_to_the_scores(audit: Audit) -> None:
    frame = chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=6).samples
    scores = score_run(audit, ks=(6,), tops=(100,), directions=True, resamples=0)
    for row in scores.filter(direction="both").vstack(scores.filter(direction="E")).iter_rows(named=True):
        parts = ("A", "B") if row["direction"] == "both" else ("E",)
        of_direction = frame.filter(frame["part"].is_in(parts))
        for kind in ("memorized", "correlated", "misrepresented", "unassociated"):
            assert (of_direction["kind"] == kind).mean() == pytest.approx(row[kind], abs=1e-12)
    assert (frame["target_confidence"] - frame["reference_confidence"] == frame["confidence_gap"]).all()
    assert ((frame["target_guess"] == frame["label"]) == frame["target_hit"]).all()


def test_the_target_of_b_is_the_encoder_trained_on_b(audit: Audit) -> None:
    frame = chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=1).samples
    half = [audit.attacked().filter(part=part)["image_id"].to_list()[:16] for part in ("A", "B")]
    remembered = frame.filter(frame["image_id"].is_in(half[0] + half[1]))
    assert remembered["target_hit"].all()
    assert not remembered["reference_hit"].all()


def test_is_stored_and_checked(audit: Audit) -> None:
    first = chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=4).samples
    steps: list[object] = []
    again = chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=4, progress=steps.append).samples
    assert first.equals(again)
    assert steps == []
    path = audit.scores_folder(RUN, epoch=20, layer="projector", name="k4-exact") / "samples.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"samples\.parquet"):
        chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=4)


def test_k_above_x_is_refused(audit: Audit) -> None:
    with pytest.raises(RequestError, match="X holds 80 images"):
        chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=100)


def test_an_encoder_that_is_not_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, memory={20: 0.5})
    a, b = (audit.onnx_folder(EncoderId(RUN, trainer, 20)) for trainer in ("A", "B"))
    a.rename(tmp_path / "a")
    b.rename(a)
    (tmp_path / "a").rename(b)
    with pytest.raises(ArtefactError, match="is SSL_B of epoch 20, not SSL_A"):
        chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=4)


def test_the_search_is_named_with_the_recall_that_the_neighbours_have(audit: Audit) -> None:
    exact = chosen_samples(audit, k=5)
    assert (exact.run, exact.epoch, exact.layer, exact.k) == (RUN, 20, "projector", 5)
    assert exact.searched.rows() == [("exact", 1.0)]
    near = chosen_samples(audit, k=5, search="hnsw", recall=0.9)
    ((name, recall),) = near.searched.rows()
    assert name == "hnsw"
    assert recall == score_run(audit, ks=(5,), search="hnsw", recall=0.9, resamples=0)["recall"][0] >= 0.9
