"""The whole path on planted truth: from images and ONNX encoders to the score table."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from onnx import helper
from polars.testing import assert_frame_equal

from dejavu_tui.artefacts import Manifest, digest, publish
from dejavu_tui.encoders.folders import snapshot_folder
from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError, StoppedError
from dejavu_tui.records import EncoderId, Step
from dejavu_tui.tables import COPIES, DROPPED, SCORES
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests import oracles
from tests.data.planted import LAYERS, RUN, model_of, plant, planted_audit, publish_encoder

MEMORY = {10: 0.0, 20: 0.5, 40: 1.0}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory=MEMORY)


@pytest.fixture
def audit(planted: Audit, tmp_path: Path) -> Audit:
    """A copy with nothing derived in it, beside the same images."""
    shutil.copytree(planted.root.parent / "images", tmp_path / "images")
    shutil.copytree(planted.root / "encoders", tmp_path / "audit" / "encoders")
    for name in ("audit.toml", "manifest.json"):
        shutil.copy(planted.root / name, tmp_path / "audit")
    for path in planted.root.glob("*.parquet"):
        shutil.copy(path, tmp_path / "audit")
    return Audit(tmp_path / "audit")


def test_the_planted_memory_is_measured(planted: Audit) -> None:
    scores = score_run(planted, epochs=(10, 20, 40), tops=(20, 100), directions=True)
    assert scores.columns == list(SCORES.schema)
    whole = scores.filter(top_percent=100)
    both = whole.filter(direction="both")
    assert both["dejavu_score"][0] == 0
    assert both["dejavu_score"].is_sorted()
    assert both["accuracy_target"][2] == 1
    assert both["misrepresented"].to_list() == [0, 0, 0]
    assert both["ci_low"][2] > 0
    assert whole.filter(direction="E")["dejavu_score"].to_list() == [0, 0, 0]
    halves = whole.filter(pl.col("direction").is_in(["A", "B"])).group_by("epoch", maintain_order=True)
    means = halves.agg(pl.col("dejavu_score").mean())["dejavu_score"]
    assert means.to_list() == pytest.approx(both["dejavu_score"].to_list(), abs=1e-12)


def test_the_score_is_what_the_oracle_makes_of_the_stored_neighbours(planted: Audit) -> None:
    frame = chosen_samples(planted, run=RUN, epoch=20, layer="projector", k=7).samples
    labels = dict(planted.images.select("image_id", "label").iter_rows())
    rows = score_run(
        planted, epochs=(20,), ks=(7,), tops=(1, 5, 20, 50, 100), label_ranks=(1, 2, 5), directions=True
    )
    for row in rows.filter(pl.col("direction") != "both").iter_rows(named=True):
        part = frame.filter(part=row["direction"])
        answered: list[list[float]] = []
        for side in ("target", "reference"):
            voters = [[labels[image] for image in near] for near in part[f"{side}_neighbours"].to_list()]
            guesses = [oracles.guesses(one)[: row["label_rank"]] for one in voters]
            answered.append([oracles.confidence(one) for one in voters])
            answered.append([label in own for label, own in zip(part["label"], guesses, strict=True)])
        target, target_hit, reference, reference_hit = answered
        expected, ties = oracles.accuracy(target, [bool(hit) for hit in target_hit], row["top_percent"])
        other, other_ties = oracles.accuracy(reference, [bool(hit) for hit in reference_hit], row["top_percent"])
        assert row["accuracy_target"] == pytest.approx(float(expected), abs=1e-12)
        assert row["dejavu_score"] == pytest.approx(float(expected - other), abs=1e-12)
        assert row["tie_block"] == max(ties, other_ties)
        assert row["n"] == part.height


def test_columns_of_one_row(planted: Audit) -> None:
    rows = score_run(planted, directions=True, tops=(20,))
    both, a, b, external = rows.iter_rows(named=True)
    assert (both["run"], both["epoch"], both["k"], both["layer"]) == (RUN, 40, 10, "projector")
    assert (both["method"], both["arch"], both["train_size"]) == ("planted", "memory", None)
    assert (both["n"], a["n"], b["n"], external["n"]) == (64, 32, 32, 16)
    assert (a["encoder_target"], a["encoder_reference"]) == (b["encoder_reference"], b["encoder_target"])
    assert both["encoder_target"] == external["encoder_target"] == a["encoder_target"]
    assert (both["search"], both["recall"]) == ("exact", 1.0)
    assert both["probe_gap"] is None
    assert "probe" in both["note"]


def test_every_row_tells_how_many_bad_files_the_split_left_out(audit: Audit) -> None:
    assert "left out" not in score_run(audit, tops=(20,))["note"][0]
    reasons = ["bad image: is an empty file", "same bytes as a.png", "bad annotation: has no area"]
    dropped = pl.DataFrame({"path": ["1", "2", "3"], "reason": reasons}, DROPPED.schema)
    audit.__dict__["dropped"] = dropped
    rows = score_run(audit, tops=(1, 20), directions=True)
    assert all(note.startswith("2 bad files left out of the split; ") for note in rows["note"])
    audit.__dict__["dropped"] = dropped.head(2)
    assert score_run(audit, tops=(20,))["note"][0].startswith("1 bad file left out of the split; ")


def test_every_row_tells_how_many_copies_were_kept(audit: Audit) -> None:
    audit.__dict__["copies"] = pl.DataFrame([(3, 1, None), (4, 2, 0)], COPIES.schema, orient="row")
    assert "copies" not in score_run(audit, tops=(20,))["note"][0]
    audit.__dict__["settings"] = audit.settings.model_copy(update={"copies": "keep"})
    rows = score_run(audit, tops=(1, 20), directions=True)
    assert all(note.startswith("2 copies of other images kept; ") for note in rows["note"])


def test_what_is_there_is_reused_and_gives_the_same(audit: Audit) -> None:
    steps: list[Step] = []
    first = score_run(audit, epochs=(40,), layers=("backbone", "projector.1", "projector"), progress=steps.append)
    assert {step.stage for step in steps} >= {"embed public", "embed crops", "search A-000040"}
    stamps = {path: path.stat().st_mtime_ns for path in audit.root.rglob("*") if path.is_file()}
    steps.clear()
    again = score_run(audit, epochs=(40,), layers=("backbone", "projector.1", "projector"), progress=steps.append)
    assert steps == []
    assert_frame_equal(first, again, check_exact=True)
    assert stamps == {path: path.stat().st_mtime_ns for path in audit.root.rglob("*") if path.is_file()}


def test_from_nothing_the_same_bytes(audit: Audit, planted: Audit) -> None:
    score_run(audit)
    score_run(planted)
    for room in ("embeddings", "neighbours"):
        made = sorted(path.relative_to(audit.root) for path in (audit.root / room).rglob("*.*") if path.is_file())
        assert made
        for name in made:
            if not name.name.startswith("."):
                assert (audit.root / name).read_bytes() == (planted.root / name).read_bytes(), name


def test_one_search_serves_every_smaller_k(planted: Audit) -> None:
    together = score_run(planted, ks=(10, 3, 1))
    for k in (10, 3, 1):
        assert_frame_equal(together.filter(k=k), score_run(planted, ks=(k,)), check_exact=True)
    assert score_run(planted, ks=(80,))["k"].unique().to_list() == [80]  # all of X


def test_an_encoder_against_itself_scores_zero(audit: Audit) -> None:
    for trainer in ("A", "B"):
        plant(audit, EncoderId("itself", trainer, 10), share=0)
    scores = score_run(audit, run="itself", directions=True)
    for name in ("dejavu_score", "memorized", "misrepresented", "ci_low", "ci_high"):
        assert set(scores[name]) == {0.0}


def test_hnsw_scores_and_names_itself(planted: Audit) -> None:
    exact, approximate = score_run(planted), score_run(planted, search="hnsw", recall=1.0)
    assert set(approximate["search"]) == {"hnsw"}
    assert set(approximate["recall"]) == {1.0}
    assert_frame_equal(exact.drop("search", "recall"), approximate.drop("search", "recall"), check_exact=True)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"ks": (81,)}, "X holds 80 images"),
        ({"ks": (0,)}, "k = 0"),
        ({"tops": (0,)}, "percentage"),
        ({"tops": (101,)}, "percentage"),
        ({"tops": (5, 5)}, "twice"),
        ({"label_ranks": (6,)}, "label rank"),
        ({"recall": 1.5}, "recall"),
        ({"layers": ("head",)}, r"there are: backbone, projector\.1, projector"),
        ({"epochs": (11,)}, "no snapshot at epoch 11"),
        ({"run": "plantd"}, "did you mean 'planted'"),
        ({"search": "magic"}, "search"),
    ],
)
def test_what_cannot_be_scored_is_refused(planted: Audit, asked: dict[str, object], reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        score_run(planted, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("room", ["embeddings", "neighbours"])
def test_a_damaged_file_is_named(audit: Audit, room: str) -> None:
    score_run(audit, resamples=0)
    path = max((audit.root / room).rglob("*.npy"), key=lambda file: file.stat().st_size)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    if room == "embeddings":
        shutil.rmtree(audit.root / "neighbours")
    with pytest.raises(ArtefactError, match=path.name):
        score_run(audit, resamples=0)


def test_foreign_neighbours_are_refused(audit: Audit) -> None:
    score_run(audit, resamples=0)
    folder = audit.neighbours_folder(EncoderId(RUN, "A", 40), layer="projector", search="exact")
    manifest = (folder / "manifest.json").read_text()
    ids = np.load(folder / "ids.npy") + 1
    rest = {name: np.load(folder / name) for name in ("queries.npy", "distances.npy")}
    with publish(folder, kind="neighbours", identity=Manifest.model_validate_json(manifest).identity) as draft:
        for name, array in {**rest, "ids.npy": ids}.items():
            np.save(draft.folder / name, array)
        (draft.folder / "search.json").write_text('{"recall": 1.0}')
        draft.counts["k"] = 10
    with pytest.raises(ArtefactError, match="not those of this audit"):
        score_run(audit, resamples=0)


def test_a_collapsed_encoder_is_refused_and_nothing_is_kept(audit: Audit) -> None:
    constants: dict[str, NDArray[Any]] = {"space": np.array([2, 3], np.int64), "zero": np.array(0, np.float32)}
    nodes = [helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0)]
    nodes += [helper.make_node("Mul", ["mean", "zero"], [layer]) for layer in LAYERS]
    dims = dict.fromkeys(LAYERS, 3)
    for trainer in ("A", "B"):
        publish_encoder(audit, EncoderId("flat", trainer, 1), model_of(nodes, constants, dims), dims=dims)
    with pytest.raises(MeasurementError, match="layer projector are all equal"):
        score_run(audit, run="flat")
    assert not list(audit.root.rglob("vectors.npy"))


def test_encoders_of_two_kinds_are_refused(audit: Audit) -> None:
    folder = audit.onnx_folder(EncoderId(RUN, "B", 40))
    onnx, card = (folder / "encoder.onnx").read_bytes(), (folder / "encoder.json").read_text()
    with publish(folder, kind="onnx", identity={}) as draft:
        (draft.folder / "encoder.onnx").write_bytes(onnx)
        (draft.folder / "encoder.json").write_text(card.replace("memory", "other"))
    with pytest.raises(ArtefactError, match="architecture differs"):
        score_run(audit)


@pytest.mark.parametrize("name", ["encoder.onnx", "encoder.json"])
def test_an_encoder_changed_after_it_was_embedded_is_refused(audit: Audit, name: str) -> None:
    score_run(audit, resamples=0)
    path = audit.onnx_folder(EncoderId(RUN, "B", 40)) / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtefactError, match=name):
        score_run(audit, resamples=0)


def test_encoders_of_another_audit_or_of_two_settings_are_refused(audit: Audit) -> None:
    def came_from(of: str, settings: dict[str, float]) -> None:
        for trainer in ("A", "B"):
            folder = snapshot_folder(audit.run_folder(RUN) / trainer, epoch=40)
            identity = {"audit": of, "trained_on": trainer, "settings": settings if trainer == "B" else {"lr": 1}}
            with publish(folder, kind="snapshot", identity=identity):
                pass
            snapshot = digest(folder, kind="snapshot")
            exported = audit.onnx_folder(EncoderId(RUN, trainer, 40))
            files = {path.name: path.read_bytes() for path in exported.glob("encoder.*")}
            with publish(exported, kind="onnx", identity={"snapshot": snapshot, "precision": "fp32"}) as draft:
                for name, data in files.items():
                    (draft.folder / name).write_bytes(data)

    came_from(audit.fingerprint, {"lr": 1})
    assert score_run(audit, resamples=0).height
    came_from("another", {"lr": 1})
    with pytest.raises(ArtefactError, match="images of another audit"):
        score_run(audit, resamples=0)
    came_from(audit.fingerprint, {"lr": 2})
    with pytest.raises(ArtefactError, match="different settings"):
        score_run(audit, resamples=0)
    came_from(audit.fingerprint, {"lr": 1, "train_size": 16})
    with pytest.raises(ArtefactError, match=r"another number of images than the run's settings\.toml says"):
        score_run(audit, resamples=0)


def test_a_stopped_sweep_keeps_finished_snapshots_and_ends_the_same(audit: Audit, planted: Audit) -> None:
    first = audit.embeddings_folder(EncoderId(RUN, "B", 10), layer="projector", view="public")
    with pytest.raises(StoppedError):
        score_run(audit, epochs=(10, 20, 40), stop=lambda: (first / "manifest.json").is_file())
    kept = {path: path.stat().st_mtime_ns for path in audit.root.rglob("vectors.npy")}
    assert kept
    scores = score_run(audit, epochs=(10, 20, 40))
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert_frame_equal(scores, score_run(planted, epochs=(10, 20, 40)), check_exact=True)


def test_stops_between_batches(audit: Audit) -> None:
    with pytest.raises(StoppedError):
        score_run(audit, stop=lambda: True)
    assert not list(audit.root.rglob("vectors.npy"))
    assert not list(audit.root.rglob("*.tmp"))


def test_stops_inside_the_bootstrap(audit: Audit) -> None:
    score_run(audit, resamples=0)
    assert score_run(audit, resamples=0, stop=lambda: True).height  # all is there, so nothing else asks
    with pytest.raises(StoppedError):
        score_run(audit, stop=lambda: True)
