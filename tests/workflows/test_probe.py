import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from dejavu_tui.artefacts import read_manifest
from dejavu_tui.embeddings.store import read
from dejavu_tui.errors import ArtefactError, MeasurementError, StoppedError
from dejavu_tui.probe import logistic
from dejavu_tui.records import Step, View, never, silent
from dejavu_tui.workflows.pairs import Pair, prepare_pairs
from dejavu_tui.workflows.probe import PROBE, Probed, embed_for_probes, probe_pair
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import model_of, planted_audit, publish_encoder


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return planted_audit(tmp_path, images=20, attacked=5, k=4)


def pair_of(audit: Audit) -> Pair:
    (pair,), _ = prepare_pairs(audit, run=None, epochs=None, layers=("projector",), progress=silent, stop=never)
    return pair


def place(audit: Audit, pair: Pair, trainer: str) -> Path:
    return audit.scores_folder(pair.run, epoch=pair.epoch, layer="backbone", name=f"probe-{trainer}")


def test_a_backbone_that_sees_the_class_is_read_off(audit: Audit) -> None:
    pair = pair_of(audit)
    found = probe_pair(audit, pair, progress=silent, stop=never)
    assert found["A"] == Probed(train=1, test=1, heldout="20 images of B")
    assert found["B"] == Probed(train=1, test=1, heldout="20 images of A")


def test_each_embedding_meets_the_label_of_its_image(audit: Audit) -> None:
    """A backbone that only sees the background is right now and then, which shuffled labels would not be alike."""
    nodes = [
        helper.make_node("Slice", ["pixels", "begin", "end", "columns"], ["right"]),
        helper.make_node("ReduceMean", ["right", "space"], ["backbone"], keepdims=0),  # (n, 3)
        helper.make_node("Identity", ["backbone"], ["projector"]),
    ]
    constants = {
        "begin": np.array([20], np.int64),
        "end": np.array([32], np.int64),
        "columns": np.array([3], np.int64),
        "space": np.array([2, 3], np.int64),
    }
    dims = {"backbone": 3, "projector": 3}
    for encoder in pair_of(audit).encoders.values():
        publish_encoder(audit, encoder, model_of(nodes, constants, dims), dims=dims)
    pair = pair_of(audit)
    found = probe_pair(audit, pair, progress=silent, stop=never)
    labels = dict(audit.images.select("image_id", "label").iter_rows())
    for trainer, one in found.items():
        views: tuple[View, View] = ("own", "heldout")
        folders = [audit.embeddings_folder(pair.encoders[trainer], layer="backbone", view=view) for view in views]
        own, heldout = map(read, folders)
        truth = np.array([labels[image] for image in own.ids])
        classifier = logistic.fit(own.vectors, truth)
        assert one.train == classifier.accuracy(own.vectors, truth)
        assert one.test == classifier.accuracy(heldout.vectors, np.array([labels[image] for image in heldout.ids]))
        assert 0 < one.test < 1
        assert 0 < one.train < 1


def test_what_was_measured_is_stored_with_versions_and_used_again(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_of(audit)
    found = probe_pair(audit, pair, progress=silent, stop=never)
    manifest = read_manifest(place(audit, pair, "A"), kind=PROBE)
    assert manifest is not None
    assert {"dejavu-tui", "numpy", "torch"} <= set(manifest.versions)
    assert {"own", "heldout", "l2", "tolerance"} == set(manifest.identity)
    monkeypatch.setattr(logistic, "fit", None)
    monkeypatch.setattr("dejavu_tui.workflows.probe.find_spec", lambda _: None)
    assert probe_pair(audit, pair, progress=silent, stop=never) == found


def test_other_embeddings_are_probed_anew(audit: Audit) -> None:
    pair = pair_of(audit)
    probe_pair(audit, pair, progress=silent, stop=never)
    before = read_manifest(place(audit, pair, "A"), kind=PROBE)
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "space"], ["backbone"], keepdims=0),
        helper.make_node("Identity", ["backbone"], ["projector"]),
    ]
    dims = {"backbone": 3, "projector": 3}
    graph = model_of(nodes, {"space": np.array([2, 3], np.int64)}, dims)
    for encoder in pair.encoders.values():
        publish_encoder(audit, encoder, graph, dims=dims)
    probe_pair(audit, pair_of(audit), progress=silent, stop=never)
    after = read_manifest(place(audit, pair, "A"), kind=PROBE)
    assert before is not None
    assert after is not None
    assert before.identity != after.identity


def test_without_torch_the_extra_is_named_before_anything_is_embedded(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_of(audit)
    monkeypatch.setattr("dejavu_tui.workflows.probe.find_spec", lambda _: None)
    with pytest.raises(MeasurementError, match="`train`"):
        probe_pair(audit, pair, progress=silent, stop=never)
    rows = score_run(audit, tops=(20,), resamples=0, probe=True)
    assert "no linear probe: torch is not installed" in rows["note"][0]
    assert rows["probe_gap"].count() == 0
    assert not list(audit.root.rglob("own"))


def test_a_stop_between_the_two_keeps_the_first(audit: Audit) -> None:
    pair = pair_of(audit)
    embed_for_probes(audit, [pair], progress=silent, stop=never)
    with pytest.raises(StoppedError):
        probe_pair(audit, pair, progress=silent, stop=place(audit, pair, "A").exists)
    assert place(audit, pair, "A").exists()
    assert not place(audit, pair, "B").exists()
    steps: list[Step] = []
    probe_pair(audit, pair, progress=steps.append, stop=never)
    assert {step.stage for step in steps} == {"probe B-000020"}


def test_what_has_not_converged_is_named_and_not_kept(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_of(audit)
    monkeypatch.setattr(logistic, "_EVALUATIONS", 2)
    with pytest.raises(MeasurementError, match=r"A-000020.*not converged"):
        probe_pair(audit, pair, progress=silent, stop=never)
    assert not place(audit, pair, "A").exists()


def test_a_forged_result_is_refused(audit: Audit) -> None:
    pair = pair_of(audit)
    probe_pair(audit, pair, progress=silent, stop=never)
    file = place(audit, pair, "B") / "probe.json"
    file.write_text(json.dumps({"train": 2, "test": 1, "heldout": ""}), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"probe\.json"):
        probe_pair(audit, pair, progress=silent, stop=never)


def test_all_that_several_probes_need_is_embedded_at_once(audit: Audit) -> None:
    pairs, _ = prepare_pairs(audit, run=None, epochs=(10, 20), layers=("projector",), progress=silent, stop=never)
    embed_for_probes(audit, pairs, progress=silent, stop=never)
    steps: list[Step] = []
    for pair in pairs:
        probe_pair(audit, pair, progress=steps.append, stop=never)
        for encoder in pair.encoders.values():
            own = read(audit.embeddings_folder(encoder, layer="backbone", view="own"))
            assert own.ids.tolist() == audit.members(encoder.trained_on)["image_id"].to_list()
    assert all(step.stage.startswith("probe") for step in steps)


def test_the_workflow_itself_loads_no_torch() -> None:
    code = "import sys, dejavu_tui.workflows.probe; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_audit_that_cannot_be_written_is_probed_and_left_as_it_is(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_of(audit)
    before = sorted(audit.root.rglob("*"))
    monkeypatch.setattr("dejavu_tui.workspace.os.access", lambda *_: False)
    found = probe_pair(audit, pair, progress=silent, stop=never)
    assert found["A"].train == 1
    assert sorted(audit.root.rglob("*")) == before
