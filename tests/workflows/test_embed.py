import numpy as np
import pytest
from onnx import helper

from dejavu_tui.config import RunSettings
from dejavu_tui.embeddings.store import read
from dejavu_tui.errors import BusyError, ImageError, MeasurementError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import EncoderId, Step, Trainer, View, never, silent
from dejavu_tui.workflows.embed import VIEWS, embed, load_encoder
from dejavu_tui.workflows.shown import shown_to
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, model_of, planted_audit, publish_encoder

TRAINERS: tuple[Trainer, ...] = ("A", "B")
ENCODERS = [EncoderId(RUN, trainer, epoch) for epoch in (10, 20) for trainer in TRAINERS]


@pytest.fixture
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=40, attacked=10)


def test_each_row_is_its_image_alone(audit: Audit) -> None:
    embed(audit, ENCODERS, layers=["backbone", "projector"], progress=silent, stop=never)
    for encoder in ENCODERS:
        loaded = load_encoder(audit, encoder)
        found = read(audit.embeddings_folder(encoder, layer="projector", view="crops"))
        assert found.ids.tolist() == audit.attacked()["image_id"].to_list()
        for place in (0, 63, 64, len(found.ids) - 1):  # also over the end of a batch
            path, *crop = audit.attacked().select("path", "x0", "y0", "x1", "y1").row(place)
            pixels = preprocess(open_picture(audit.source / path), crop=Box(*crop), size=32)
            alone = loaded.embed(pixels[None], layers=["projector"], names=[path])["projector"][0]
            assert found.vectors[place] == pytest.approx(alone, abs=1e-5)


def test_together_and_apart_give_the_same_bytes(audit: Audit, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = planted_audit(tmp_path_factory.mktemp("again"), images=40, attacked=10)
    embed(audit, ENCODERS, layers=["backbone", "projector"], progress=silent, stop=never)
    for encoder in reversed(ENCODERS):
        for layer in ("projector", "backbone"):
            embed(other, [encoder], layers=[layer], progress=silent, stop=never)
    for encoder in ENCODERS:
        here = read(audit.embeddings_folder(encoder, layer="projector", view="public"))
        there = read(other.embeddings_folder(encoder, layer="projector", view="public"))
        assert np.array_equal(here.vectors, there.vectors)


def test_an_image_that_has_gone_bad_is_named_and_nothing_kept(audit: Audit) -> None:
    path = audit.source / audit.members("X")["path"][5]
    before = path.read_bytes()
    path.write_bytes(b"no picture")
    with pytest.raises(ImageError, match=path.name):
        embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    path.write_bytes(before)
    assert not list(audit.root.rglob("vectors.npy"))
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)


def test_a_second_writer_is_refused(audit: Audit) -> None:
    with audit.lock(at=audit.root / "embeddings"), pytest.raises(BusyError):
        embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)


def test_snapshots_that_were_finished_before_a_stop_are_kept(audit: Audit) -> None:
    first = audit.embeddings_folder(ENCODERS[1], layer="projector", view="public")
    with pytest.raises(StoppedError):
        embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=first.exists)
    kept = {path: path.stat().st_mtime_ns for path in audit.root.rglob("vectors.npy")}
    assert {path.relative_to(audit.root).parts[2] for path in kept} == {"A-000010", "B-000010"}
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert len(list(audit.root.rglob("vectors.npy"))) == 2 * len(ENCODERS)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_pictures_that_are_not_kept_give_the_same_bytes(
    audit: Audit, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = planted_audit(tmp_path_factory.mktemp("again"), images=40, attacked=10)
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    monkeypatch.setattr("dejavu_tui.workflows.embed.KEPT", 0)
    embed(other, ENCODERS, layers=["projector"], progress=silent, stop=never)
    for encoder in ENCODERS:
        for view in VIEWS:
            here = read(audit.embeddings_folder(encoder, layer="projector", view=view))
            there = read(other.embeddings_folder(encoder, layer="projector", view=view))
            assert np.array_equal(here.vectors, there.vectors)


def test_progress_counts_the_images_of_every_snapshot(audit: Audit) -> None:
    reports: list[Step] = []
    embed(audit, ENCODERS, layers=["projector"], progress=reports.append, stop=never)
    for view, images in (("public", audit.members("X")), ("crops", audit.attacked())):
        steps = [step for step in reports if step.stage == f"embed {view}"]
        done = [step.done for step in steps]
        assert done == sorted(set(done))
        assert done[-1] == steps[-1].total == 2 * images.height


def test_own_and_held_out_images_without_v_are_those_of_the_two_parts(audit: Audit) -> None:
    embed(audit, ENCODERS[:2], layers=["backbone"], views=("own", "heldout"), progress=silent, stop=never)
    for encoder, own, other in ((ENCODERS[0], "A", "B"), (ENCODERS[1], "B", "A")):
        views: list[tuple[View, str]] = [("own", own), ("heldout", other)]
        for view, part in views:
            found = read(audit.embeddings_folder(encoder, layer="backbone", view=view))
            assert found.ids.tolist() == audit.members(part)["image_id"].to_list()
    assert not list(audit.root.rglob("public"))


def test_shared_images_are_trained_on_and_never_held_out(
    audit: Audit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    boxes = str(audit.source / "Annotation")
    settings = audit.settings.model_copy(update={"per_class": 8, "shared": 3, "annotations": boxes})
    folder = tmp_path_factory.mktemp("shared")
    shared = write(plan(audit.source, settings, progress=silent, stop=never), folder / "a")
    validated = settings.model_copy(update={"validation": 2})
    with_v = write(plan(audit.source, validated, progress=silent, stop=never), folder / "v")
    for encoder, other in zip(ENCODERS[:2], ("B", "A"), strict=True):
        for one, heldout in ((shared, other), (with_v, "V")):
            assert shown_to(one, encoder, "own").equals(one.members(encoder.trained_on, "shared"))
            assert shown_to(one, encoder, "heldout").equals(one.members(heldout))
            assert set(shown_to(one, encoder, "own")["part"]) == {encoder.trained_on, "shared"}


def test_an_encoder_of_a_size_is_shown_the_images_it_was_trained_on(audit: Audit) -> None:
    encoder = ENCODERS[0]
    folder = audit.run_folder(encoder.run)
    run = RunSettings(method="simclr", epochs=20, snapshots=(10, 20), train_size=12)
    (folder / "settings.toml").write_text(run.to_toml(), encoding="utf-8")
    assert shown_to(audit, encoder, "own").equals(trained_on(audit, "A", size=12))
    embed(audit, [encoder], layers=["backbone"], views=("own",), progress=silent, stop=never)
    place = audit.embeddings_folder(encoder, layer="backbone", view="own")
    assert len(read(place).ids) == 12
    (folder / "settings.toml").write_text(run.model_copy(update={"train_size": 8}).to_toml(), encoding="utf-8")
    embed(audit, [encoder], layers=["backbone"], views=("own",), progress=silent, stop=never)
    assert len(read(place).ids) == 8


def test_a_backbone_that_has_collapsed_on_its_training_set_is_refused(audit: Audit) -> None:
    encoder = ENCODERS[0]
    level = np.zeros((3, 32), np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0),  # (n, 3)
        helper.make_node("MatMul", ["mean", "level"], ["backbone"]),
    ]
    graph = model_of(nodes, {"space": np.array([2, 3], np.int64), "level": level}, {"backbone": 32})
    publish_encoder(audit, encoder, graph, dims={"backbone": 32})
    with pytest.raises(MeasurementError, match="of its training set at layer backbone are all equal"):
        embed(audit, [encoder], layers=["backbone"], views=("own",), progress=silent, stop=never)
