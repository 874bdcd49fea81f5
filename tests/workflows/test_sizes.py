import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.records import EncoderId
from dejavu_tui.tables import SCORES
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.sizes import runs_by_size, score_sizes
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests import oracles
from tests.data.planted import RUN, planted_audit
from tests.workflows.sized import plant_run

SIZES = {"p-8": 8, "p-16": 16, "p": None}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """A and B of 32 images each, E of 16; runs of 8, 16 and all, and one of another setting."""
    audit = planted_audit(tmp_path_factory.mktemp("sizes"), external=4)
    for run, size in SIZES.items():
        plant_run(audit, run, size=size, share=0.5)
    plant_run(audit, "other", size=8, lr=0.5)
    return audit


@pytest.fixture
def audit(planted: Audit, tmp_path: Path) -> Audit:
    """A copy with nothing derived in it, beside the same images."""
    shutil.copytree(planted.root.parent, tmp_path / "copy")
    for room in ("embeddings", "neighbours", "indexes", "scores"):
        shutil.rmtree(tmp_path / "copy" / "audit" / room, ignore_errors=True)
    return Audit(tmp_path / "copy" / "audit")


@pytest.mark.parametrize("run", SIZES)
def test_runs_that_differ_in_size_alone_belong_together(planted: Audit, run: str) -> None:
    sizes = runs_by_size(planted, run=run)
    assert [(size, one.name) for size, one in sizes.runs] == [(8, "p-8"), (16, "p-16"), (32, "p")]
    assert (sizes.epoch, sizes.left_out) == (20, ())
    assert runs_by_size(planted, run=run, epoch=10).epoch == 10
    (alone,) = runs_by_size(planted, run="other").runs
    assert (alone[0], alone[1].name) == (8, "other")


def test_a_run_that_is_not_so_far_is_left_out_and_named(audit: Audit) -> None:
    shutil.rmtree(audit.onnx_folder(EncoderId("p-16", "B", 20)))
    sizes = runs_by_size(audit, run="p")
    assert ([one.name for _, one in sizes.runs], sizes.left_out) == (["p-8", "p"], ("p-16",))
    assert runs_by_size(audit, run="p", epoch=10).left_out == ()
    with pytest.raises(RequestError, match="no snapshot at epoch 20; there are: 10"):
        runs_by_size(audit, run="p-16")


def test_of_a_run_from_elsewhere_nobody_knows_what_is_like_it(planted: Audit) -> None:
    with pytest.raises(RequestError, match="not trained here"):
        score_sizes(planted, run=RUN)


def test_one_row_for_each_size(planted: Audit) -> None:
    scores = score_sizes(planted, run="p", tops=(20,), resamples=0)
    assert scores.schema == SCORES.schema
    both = scores.filter(direction="both")
    assert both["train_size"].to_list() == [8, 16, 32]
    assert both["n"].to_list() == [16, 32, 64]
    assert scores.filter(direction="E")["n"].to_list() == [16, 16, 16]
    assert score_sizes(planted, run="p-8", tops=(20,), resamples=0).equals(scores)
    single = [score_run(planted, run=run, tops=(20,), resamples=0) for run in SIZES]
    assert_frame_equal(scores, pl.concat(single), check_exact=True)


@pytest.mark.parametrize("size", [8, 16])
def test_a_run_of_a_size_is_scored_on_its_training_set_and_all_of_e(planted: Audit, size: int) -> None:
    whole = chosen_samples(planted, run="p", epoch=20, layer="projector", k=7).samples
    trained = [trained_on(planted, trainer, size=size)["image_id"] for trainer in TRAINERS]
    expected = whole.filter((pl.col("part") == "E") | pl.col("image_id").is_in(pl.concat(trained).to_list()))
    found = chosen_samples(planted, run=f"p-{size}", epoch=20, layer="projector", k=7).samples
    assert_frame_equal(found.drop("run"), expected.drop("run"), check_exact=True)
    rows = score_run(planted, run=f"p-{size}", ks=(7,), tops=(5, 20, 100), directions=True, resamples=0)
    for row in rows.filter(pl.col("direction") != "both").iter_rows(named=True):
        part = expected.filter(part=row["direction"])
        score = oracles.score(
            part["target_confidence"].to_list(),
            part["target_hit"].to_list(),
            part["reference_confidence"].to_list(),
            part["reference_hit"].to_list(),
            row["top_percent"],
        )
        assert row["dejavu_score"] == pytest.approx(float(score), abs=1e-12)
        assert row["n"] == part.height


def test_a_run_on_all_of_a_is_scored_as_if_it_had_no_size(audit: Audit) -> None:
    of_all = score_run(audit, run="p", directions=True)
    assert of_all["train_size"].unique().to_list() == [32]
    (audit.run_folder("p") / "settings.toml").unlink()
    assert_frame_equal(score_run(audit, run="p", directions=True).drop("train_size"), of_all.drop("train_size"))


def test_a_stopped_sweep_keeps_what_is_finished_and_ends_the_same(audit: Audit, planted: Audit) -> None:
    done = audit.neighbours_folder(EncoderId("p-8", "B", 20), layer="projector", search="exact")
    with pytest.raises(StoppedError):
        score_sizes(audit, run="p", stop=lambda: (done / "manifest.json").is_file())
    kept = {path: path.stat().st_mtime_ns for path in (audit.root / "embeddings" / "p-8").rglob("*.npy")}
    assert len(kept) == 8
    scores = score_sizes(audit, run="p")
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert_frame_equal(scores, score_sizes(planted, run="p"), check_exact=True)
