import numpy as np
import pytest

from dejavu_tui.embeddings.store import read
from dejavu_tui.errors import BusyError, ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import EncoderId, Trainer, never, silent
from dejavu_tui.workflows.embed import embed, load_encoder
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit

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
