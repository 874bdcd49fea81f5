"""Encoders, embeddings and neighbours that do not belong together, and counts of nothing: refused, or null with a
reason, never a number.
"""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from onnx import helper
from PIL import Image

from dejavu_tui.artefacts import digest, publish
from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.folders import SNAPSHOT, snapshot_folder
from dejavu_tui.records import KINDS, EncoderId, Trainer, never, silent
from dejavu_tui.workflows.calibrate.encoders import memory_graph
from dejavu_tui.workflows.runs import SETTINGS_FILE
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder
from tests.data.planted import LAYERS, RUN, model_of, planted_audit, publish_encoder
from tests.functional.test_bad_input import refused
from tests.functional.test_contract import dejavu

ROOMS = ("embeddings", "neighbours", "indexes", "scores")
NUMBERS = ("accuracy_target", "accuracy_reference", *KINDS)
BLANK = memory_graph(np.empty((0, 3)), np.empty((0, 3)), mix=np.eye(3))


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("scored"), images=12, attacked=2, k=5, memory={20: 0.5})
    assert dejavu("score", "--per-sample", "--out", "../samples.csv", cwd=audit.root).returncode == 0
    assert dejavu("score", "--out", "../scores.csv", cwd=audit.root).returncode == 0
    assert dejavu("index", cwd=audit.root).returncode == 0
    return audit


@pytest.fixture
def audit(scored: Audit, tmp_path: Path) -> Audit:
    shutil.copytree(scored.root.parent, tmp_path, dirs_exist_ok=True)
    return Audit(tmp_path / "audit")


def unmake(audit: Audit) -> None:
    for room in ROOMS:
        shutil.rmtree(audit.root / room, ignore_errors=True)


def recard(audit: Audit, *trainers: Trainer, **changes: Any) -> None:
    """Give the cards of these encoders other fields, their manifests kept right."""
    for trainer in trainers:
        folder = audit.onnx_folder(EncoderId(RUN, trainer, 20))
        card = json.loads((folder / "encoder.json").read_text(encoding="utf-8")) | changes
        data = (folder / "encoder.onnx").read_bytes()
        with publish(folder, kind="onnx", identity={"planted": f"{trainer} again"}) as draft:
            (draft.folder / "encoder.onnx").write_bytes(data)
            (draft.folder / "encoder.json").write_text(json.dumps(card), encoding="utf-8")


def replant(audit: Audit, nodes: list[Any], **constants: Any) -> None:
    """Give both encoders a graph that makes `mean` (n, 3), the mean colour, into their layers."""
    first = helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0)
    graph = model_of([first, *nodes], {"space": np.array([2, 3], np.int64), **constants}, dict.fromkeys(LAYERS, 3))
    for trainer in ("A", "B"):
        publish_encoder(audit, EncoderId(RUN, trainer, 20), graph, dims=dict.fromkeys(LAYERS, 3))


def other_dims(audit: Audit) -> None:
    graph = memory_graph(np.empty((0, 3)), np.empty((0, 4)), mix=np.eye(3, 4))
    publish_encoder(audit, EncoderId(RUN, "B", 20), graph, dims=dict.fromkeys(LAYERS, 4))


def other_colours(audit: Audit) -> None:
    recard(audit, "B", std=[0.5, 0.5, 0.5])


def other_pixels(audit: Audit) -> None:
    recard(audit, "A", input_size=40)


def other_size(audit: Audit) -> None:
    recard(audit, "B", train_size=4)


def same_part(audit: Audit) -> None:
    recard(audit, "B", trained_on="A")


def other_epoch(audit: Audit) -> None:
    recard(audit, "A", "B", epoch=10)


def wrong_dims(audit: Audit) -> None:
    recard(audit, "A", "B", dims=dict.fromkeys(LAYERS, 7))


def wrong_layers(audit: Audit) -> None:
    recard(audit, "A", "B", layers=["head"], dims={"head": 3})


def other_images(audit: Audit) -> None:
    """The encoders stand beside snapshots that were trained on the images of another audit."""
    for trainer in ("A", "B"):
        encoder = EncoderId(RUN, trainer, 20)
        snapshot = snapshot_folder(audit.run_folder(RUN) / trainer, epoch=20)
        with publish(snapshot, kind=SNAPSHOT, identity={"audit": "0" * 64, "settings": {}}):
            pass
        folder = audit.onnx_folder(encoder)
        files = {path.name: path.read_bytes() for path in folder.glob("encoder.*")}
        made_from = {"snapshot": digest(snapshot, kind=SNAPSHOT), "precision": "fp32"}
        with publish(folder, kind="onnx", identity=made_from) as draft:
            for name, data in files.items():
                (draft.folder / name).write_bytes(data)


def other_classes(audit: Audit) -> None:
    """A sound table in which two classes have changed places."""
    images = audit.images.with_columns(
        label=(1 - pl.col("label")).abs().clip(0, 1), label_name=pl.col("label_name")
    )
    images.write_parquet(audit.root / "images.parquet")


def not_a_number(audit: Audit) -> None:
    nodes = [helper.make_node("Sub", ["mean", "nine"], ["below"])]
    replant(audit, [*nodes, *(helper.make_node("Log", ["below"], [layer]) for layer in LAYERS)], nine=np.float32(9))


def constant(audit: Audit) -> None:
    replant(audit, [helper.make_node("Mul", ["mean", "none"], [layer]) for layer in LAYERS], none=np.float32(0))


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (other_dims, 3, ("SSL_A and SSL_B of epoch 20 do not belong together: dims differs", "one setting")),
        (other_colours, 3, ("do not belong together: std differs",)),
        (other_pixels, 3, ("do not belong together: input_size differs",)),
        (other_size, 3, ("do not belong together: train_size differs",)),
        (same_part, 3, ("B-000020: is SSL_A of epoch 20, not SSL_B of epoch 20", "export it again")),
        (other_epoch, 3, ("is SSL_A of epoch 10, not SSL_A of epoch 20",)),
        (
            wrong_dims,
            3,
            (
                "encoder.onnx: layer projector gives float32 (",
                "3), not as its card says",
            ),
        ),
        (wrong_layers, 3, ("encoder.onnx: has other inputs or outputs than its card says",)),
        (other_images, 3, ("was trained on the images of another audit", "dejavu train")),
        (other_classes, 3, ("images.parquet: is damaged", "restore it")),
        (not_a_number, 1, ("the embedding of", "at layer projector is not finite", "training log")),
        (constant, 1, ("the embeddings of X at layer projector are all equal", "collapsed")),
    ],
)
def test_what_does_not_belong_together_is_never_scored(
    audit: Audit, tmp_path: Path, spoil: Callable[[Audit], None], code: int, said: tuple[str, ...]
) -> None:
    unmake(audit)
    spoil(audit)
    words = ("score",) if spoil in (other_dims, not_a_number) else ("classes", "--labels", "1,5")
    refused(tmp_path, *words, code=code, said=said)


def test_a_picture_whose_embedding_is_no_number_has_no_neighbours(audit: Audit, tmp_path: Path) -> None:
    unmake(audit)
    replant(audit, [helper.make_node("Log", ["mean"], [layer]) for layer in LAYERS])
    Image.new("RGB", (40, 40), (90, 90, 90)).save(tmp_path / "grey.png")
    Image.new("RGB", (40, 40)).save(tmp_path / "black.png")
    assert len(dejavu("query", "grey.png", "--k", "2", cwd=tmp_path).stdout.splitlines()) == 5
    refused(tmp_path, "query", "black.png", code=1, said=("the embedding of black.png", "is not finite"))


def test_what_another_encoder_or_audit_left_is_not_used(audit: Audit, scored: Audit, tmp_path: Path) -> None:
    picture = str(scored.source / scored.images["path"][0])
    near = dejavu("query", str(scored.root), picture, cwd=tmp_path)
    other = planted_audit(tmp_path / "other", images=12, attacked=2, k=5, seed=1, memory={20: 1.0})
    assert dejavu("score", "--per-sample", cwd=other.root).returncode == 0
    assert dejavu("index", cwd=other.root).returncode == 0
    assert dejavu("score", cwd=other.root).stdout != (scored.root.parent / "scores.csv").read_text(encoding="utf-8")
    for room in ROOMS:  # those of another audit
        shutil.rmtree(audit.root / room)
        shutil.copytree(other.root / room, audit.root / room)
    _as_before(audit, scored, near.stdout)
    for room in ("embeddings", "neighbours", "indexes"):  # those of the other encoder of the pair
        a, b = (audit.root / room / RUN / f"{trainer}-000020" for trainer in ("A", "B"))
        a.rename(tmp_path / room)
        b.rename(a)
        (tmp_path / room).rename(b)
    _as_before(audit, scored, near.stdout)


def _as_before(audit: Audit, scored: Audit, near: str) -> None:
    picture = str(scored.source / scored.images["path"][0])
    assert dejavu("query", str(audit.root), picture, cwd=audit.root.parent).stdout == near
    for words, file in ((("score", "--per-sample"), "samples.csv"), (("score",), "scores.csv")):
        done = dejavu(*words, str(audit.root), cwd=audit.root.parent)
        assert done.stdout == (scored.root.parent / file).read_text(encoding="utf-8"), done.stderr


def rows_of(*words: str, cwd: Path) -> list[dict[str, str]]:
    done = dejavu(*words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def of_size(audit: Audit, size: int) -> None:
    """Let the run be one of a size."""
    settings = RunSettings(method="planted", arch="memory", epochs=20, snapshots=(20,), train_size=size)
    (audit.run_folder(RUN) / SETTINGS_FILE).write_text(settings.to_toml(), encoding="utf-8")


def test_a_class_of_which_no_image_is_attacked_has_no_accuracy(audit: Audit, tmp_path: Path) -> None:
    of_size(audit, 2)
    classes = rows_of("classes", cwd=tmp_path)
    assert [row["label_name"] for row in classes] == ["ant", "bee", "cat", "dog"]
    empty = [row for row in classes if row["n"] == "0"]
    assert len(empty) == 2
    for row in empty:
        assert [row[name] for name in ("gap", *NUMBERS)] == [""] * 7
        assert row["note"] == "no image of this class in A or B is attacked"
    (whole,) = rows_of("score", "--top", "100", cwd=tmp_path)
    assert int(whole["n"]) == 4
    for name in NUMBERS:
        told = sum(int(row["n"]) * float(row[name] or "nan") for row in classes if row["n"] != "0") / 4
        assert told == pytest.approx(float(whole[name]), abs=1e-12)
    table = dejavu("classes", "--format", "table", cwd=tmp_path)
    assert table.returncode == 0
    assert "nan" not in table.stdout.lower()


def test_where_no_image_is_attacked_every_number_is_null_with_the_reason(tmp_path: Path) -> None:
    source = build_folder(tmp_path / "pictures", classes=2, per_class=12, boxless=9)
    settings = settings_for(source, per_class=1, k=5)
    audit = write(plan(source, settings, progress=silent, stop=never), tmp_path / "audit")
    for trainer in ("A", "B"):
        publish_encoder(audit, EncoderId(RUN, trainer, 20), BLANK, dims=dict.fromkeys(LAYERS, 3))
    of_size(audit, 2)
    for row in rows_of("score", "--top", "1,100", cwd=tmp_path):
        assert [row[name] for name in ("n", "dejavu_score", "ci_low", "mcnemar_p", *NUMBERS)] == ["0", *[""] * 9]
        assert "no image of A and B is attacked" in row["note"]
    for row in rows_of("classes", "--labels", "1,2", cwd=tmp_path):
        assert [row[name] for name in ("n", "gap", *NUMBERS)] == ["0", *[""] * 7]
        assert row["note"] == "no image of this class in A or B is attacked"
    assert rows_of("histogram", cwd=tmp_path) == rows_of("top", cwd=tmp_path) == []
    attackable = str(audit.attacked()["image_id"][0])
    refused(tmp_path, "show", attackable, code=2, said=("is not attacked (this run was not trained on it)",))
    gate = dejavu("score", "--fail-above", "0.5", cwd=tmp_path)
    assert gate.returncode == 5
    assert gate.stdout.startswith("run,")
    assert "undefined" in gate.stderr


def test_one_percent_of_few_images_is_the_most_confident_one_or_the_mean_of_those_that_tie(scored: Audit) -> None:
    with (scored.root.parent / "samples.csv").open(encoding="utf-8") as file:
        samples = list(csv.DictReader(file))
    with (scored.root.parent / "scores.csv").open(encoding="utf-8") as file:
        row = next(one for one in csv.DictReader(file) if one["top_percent"] == "1")
    for side in ("target", "reference"):
        means, blocks = [], []
        for part in ("A", "B"):
            of_part = [one for one in samples if one["part"] == part]
            top = max(float(one[f"{side}_confidence"]) for one in of_part)
            first = [one[f"{side}_hit"] == "true" for one in of_part if float(one[f"{side}_confidence"]) == top]
            means.append(sum(first) / len(first))
            blocks.append(len(first))
        assert float(row[f"accuracy_{side}"]) == pytest.approx(sum(means) / 2, abs=1e-12)
        assert int(row["tie_block"]) >= max(blocks)
