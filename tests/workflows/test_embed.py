import errno
from collections.abc import Callable, Mapping, Sequence
from functools import partialmethod
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper
from PIL import Image

from dejavu_tui.artefacts import read_manifest
from dejavu_tui.config import RunSettings
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.embeddings.store import EMBEDDINGS, read
from dejavu_tui.errors import (
    ArtefactError,
    BusyError,
    ImageError,
    MeasurementError,
    RequestError,
    StoppedError,
)
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.pieces import Writer
from dejavu_tui.records import Compute, EncoderId, Shard, Step, Stop, Trainer, View, never, silent
from dejavu_tui.workflows.columns import VIEWS, Column
from dejavu_tui.workflows.embed import embed, load_encoder
from dejavu_tui.workflows.shards import shard_lock, whole_lock
from dejavu_tui.workflows.shown import shown_to
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, model_of, plant, planted_audit, publish_encoder

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


@pytest.mark.parametrize("part", ["A", "B", "X"])
def test_another_picture_under_an_old_name_is_never_embedded(audit: Audit, part: str) -> None:
    path = audit.source / str(audit.members(part)["path"][0])
    before = path.read_bytes()
    Image.new("RGB", (40, 40), (1, 2, 3)).save(path)
    with pytest.raises(ArtefactError, match=f"{path.name}: is not as it was at the split"):
        embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    path.write_bytes(before)
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)


def vectors(audit: Audit) -> dict[str, bytes]:
    """Return the bytes of every embedding matrix by its place."""
    files = sorted((audit.root / "embeddings" / RUN).rglob("*.npy"))
    return {str(path.relative_to(audit.root)): path.read_bytes() for path in files}


@pytest.fixture
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The matrices of the same audit, made without a break."""
    other = planted_audit(tmp_path_factory.mktemp("whole"), images=40, attacked=10)
    embed(other, ENCODERS, layers=["projector"], progress=silent, stop=never)
    return vectors(other)


def in_small_batches(monkeypatch: pytest.MonkeyPatch, size: int = 16) -> None:
    monkeypatch.setattr("dejavu_tui.workflows.embed.batch_of", lambda _: size)


def after(count: int) -> Stop:
    """Return a callback that stops when it has been asked `count` times."""
    asked = iter(range(count))
    return lambda: next(asked, None) is None


def test_stopped_anywhere_it_goes_on_to_the_same_bytes(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)
    looked: list[int] = []

    def batch(self: Pictures, number: int) -> NDArray[np.uint8]:
        looked.append(number)
        return seen(self, number)

    seen = Pictures.batch
    monkeypatch.setattr(Pictures, "batch", batch)
    stops = 0
    while True:
        try:
            embed(
                audit,
                ENCODERS[:2],
                layers=["projector"],
                compute=Compute(workers=1),
                progress=silent,
                stop=after(3),
            )
            break
        except StoppedError:
            stops += 1
    assert stops >= 3
    images = audit.members("X").height + audit.attacked().height
    assert len(looked) < images / 16 + 4 * (stops + 1), "what was finished before a stop is not done again"
    assert vectors(audit) == {path: data for path, data in whole.items() if "000010" in path}
    assert not list(audit.pieces_folder("embeddings").rglob("*.npy"))


@pytest.mark.parametrize("of", [2, 3, 7, 100])
def test_shards_in_any_order_give_the_bytes_of_one_process(
    audit: Audit, whole: dict[str, bytes], of: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)
    for number in reversed(range(1, of + 1)):
        shard = Shard(number, of)
        embed(audit, ENCODERS, layers=["projector"], shard=shard, progress=silent, stop=never)
        assert not vectors(audit), "a shard alone completes nothing"
    monkeypatch.setattr(Pictures, "batch", lambda *_: pytest.fail("nothing is left to be looked at"))
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert vectors(audit) == whole


def test_a_shard_that_is_missing_is_made_at_the_end(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)
    for shard in (Shard(1, 4), Shard(3, 4), Shard(2, 3)):  # they overlap
        embed(audit, ENCODERS, layers=["projector"], shard=shard, progress=silent, stop=never)
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert vectors(audit) == whole


def test_one_process_a_shard_and_none_beside_the_whole(audit: Audit) -> None:
    def run(shard: Shard | None) -> None:
        embed(audit, ENCODERS, layers=["projector"], shard=shard, progress=silent, stop=never)

    column = Column(audit, ENCODERS[0], "projector", "public")
    with shard_lock(audit, column.room, Shard(1, 2)):
        run(Shard(2, 2))
        for taken in (Shard(1, 2), None):
            with pytest.raises(BusyError):
                run(taken)
    run(Shard(1, 2))
    run(None)


def test_shards_of_other_encoders_do_not_block_each_other(audit: Audit) -> None:
    column = Column(audit, ENCODERS[0], "projector", "public")
    with shard_lock(audit, column.room, Shard(1, 2)):
        for shard in (Shard(1, 2), None):
            embed(audit, ENCODERS[2:], layers=["projector"], shard=shard, progress=silent, stop=never)


def test_a_shard_is_not_made_beside_the_whole(audit: Audit) -> None:
    column = Column(audit, ENCODERS[0], "projector", "public")
    with whole_lock(column.room), pytest.raises(BusyError, match="is being made by another process"):
        embed(audit, ENCODERS, layers=["projector"], shard=Shard(1, 2), progress=silent, stop=never)


def test_what_is_finished_is_kept_whatever_is_asked_for_next(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        embed(audit, ENCODERS[:2], layers=["projector"], shard=Shard(number, 2), progress=silent, stop=never)
    looked: list[tuple[EncoderId, str]] = []
    run = OnnxEncoder.run

    def noted(self: OnnxEncoder, inputs: Any, *, layers: Sequence[str], names: Sequence[str]) -> Any:
        looked.extend((encoder_of[str(self.path)], layer) for layer in layers)
        return run(self, inputs, layers=layers, names=names)

    encoder_of = {str(audit.onnx_folder(encoder) / "encoder.onnx"): encoder for encoder in ENCODERS}
    monkeypatch.setattr(OnnxEncoder, "run", noted)
    embed(audit, ENCODERS, layers=["backbone", "projector"], progress=silent, stop=never)
    assert not {(encoder, "projector") for encoder in ENCODERS[:2]} & set(looked)
    assert {path: data for path, data in vectors(audit).items() if "projector" in path} == whole
    assert not list(audit.pieces_folder("embeddings").rglob("*.npy"))


def test_pieces_of_a_former_export_are_cleared(audit: Audit) -> None:
    embed(audit, ENCODERS, layers=["projector"], shard=Shard(1, 2), progress=silent, stop=never)
    for encoder in ENCODERS:
        plant(audit, encoder, share=0.5)
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert not list(audit.pieces_folder("embeddings").rglob("*.npy"))


def test_it_is_told_how_the_pieces_were_made(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    compute = OnnxEncoder._compute

    def short(self: OnnxEncoder, inputs: Any, layers: list[str]) -> Any:
        self.largest = 16
        return compute(self, inputs, layers)

    with monkeypatch.context() as patch:
        patch.setattr(OnnxEncoder, "_compute", short)
        embed(audit, ENCODERS[:1], layers=["projector"], shard=Shard(1, 1), progress=silent, stop=never)
    embed(audit, ENCODERS[:1], layers=["projector"], progress=silent, stop=never)
    folder = audit.embeddings_folder(ENCODERS[0], layer="projector", view="public")
    manifest = read_manifest(folder, kind=EMBEDDINGS)
    assert manifest is not None
    assert manifest.how == {"provider": "cpu", "memory": "memory was short: batches of 16"}


def test_an_audit_that_cannot_be_written_is_embedded_elsewhere_and_takes_no_shards(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(audit, ENCODERS[:1], layers=["projector"], shard=Shard(1, 2), progress=silent, stop=never)
    before = vectors(audit)
    monkeypatch.setattr(Audit, "writable", False)
    closed = Audit(audit.root)
    embed(closed, ENCODERS, layers=["projector"], progress=silent, stop=never)
    found = read(closed.embeddings_folder(ENCODERS[0], layer="projector", view="public"))
    (expected,) = [data for path, data in whole.items() if "A-000010/projector/public/vectors" in path]
    assert expected.endswith(found.vectors.tobytes())
    assert vectors(audit) == before
    with pytest.raises(RequestError, match="cannot be written: a shard would be lost"):
        embed(closed, ENCODERS, layers=["backbone"], shard=Shard(1, 2), progress=silent, stop=never)


def test_what_a_killed_process_left_is_cleared(audit: Audit) -> None:
    folder = audit.embeddings_folder(ENCODERS[0], layer="projector", view="public")
    left = folder.parent / ".public.abc.tmp"
    left.mkdir(parents=True)
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert not left.exists()


def test_a_damaged_piece_is_named(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_batches(monkeypatch)
    embed(audit, ENCODERS[:2], layers=["projector"], shard=Shard(1, 2), progress=silent, stop=never)
    piece = next(audit.pieces_folder("embeddings").rglob("vectors.npy"))
    (damaged,) = (encoder for encoder in ENCODERS[:2] if encoder.folder in piece.parts)
    data = bytearray(piece.read_bytes())
    data[-1] ^= 1
    piece.write_bytes(data)
    with pytest.raises(ArtefactError, match="is damaged"):
        embed(audit, ENCODERS[:2], layers=["projector"], progress=silent, stop=never)
    assert not any(damaged.folder in name for name in vectors(audit))


def test_decoding_processes_change_nothing(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dejavu_tui.workflows.embed.MANY", 1)
    monkeypatch.setattr(Pictures, "__init__", partialmethod(noting_decoders, Pictures.__init__))
    embed(audit, ENCODERS, layers=["projector"], compute=Compute(workers=2), progress=silent, stop=never)
    assert vectors(audit) == whole


def noting_decoders(self: Pictures, init: Callable[..., None], *words: Any, **named: Any) -> None:
    assert named["decoders"] is not None
    init(self, *words, **named)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_workers_decides_nothing(audit: Audit, whole: dict[str, bytes], workers: int) -> None:
    compute = Compute(workers=workers)
    embed(audit, ENCODERS, layers=["projector"], compute=compute, progress=silent, stop=never)
    assert vectors(audit) == whole


def test_a_full_disk_leaves_what_was_finished(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)
    monkeypatch.setattr("dejavu_tui.workflows.columns.PIECE_SECONDS", 0.0)
    written = 0
    append = Writer.append

    def full(self: Writer, arrays: Mapping[str, NDArray[Any]]) -> None:
        nonlocal written
        written += 1
        if written == 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, arrays)

    monkeypatch.setattr(Writer, "append", full)
    with pytest.raises(OSError, match="No space"):
        embed(audit, ENCODERS[:2], layers=["projector"], progress=silent, stop=never)
    assert len(list(audit.pieces_folder("embeddings").rglob("manifest.json"))) == 6, "three of each encoder"
    assert not list(audit.root.rglob("*.tmp"))
    embed(audit, ENCODERS, layers=["projector"], progress=silent, stop=never)
    assert vectors(audit) == whole


def test_a_provider_that_is_not_here_is_refused(audit: Audit) -> None:
    for provider, said in (("cuda", "not installed here"), ("cdua", "did you mean 'cuda'")):
        with pytest.raises(RequestError, match=said):
            embed(
                audit,
                ENCODERS,
                layers=["projector"],
                compute=Compute(provider=provider),
                progress=silent,
                stop=never,
            )


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
