from pathlib import Path

import pytest

from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import EncoderId, never, silent
from dejavu_tui.workflows.index import build_index
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.stored import Stored, card_of, stored
from dejavu_tui.workspace import Audit
from tests.data.planted import LAYERS, RUN, planted_audit


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return planted_audit(tmp_path, images=12, attacked=2, k=3)


def test_stages_follow_what_is_made_and_taken_away(audit: Audit) -> None:
    def now(layer: str = "projector", k: int = 3) -> Stored:
        return stored(audit, RUN, 20, layer=layer, k=k)

    assert (now().stage, now().layers, now().probeable) == ("exported", LAYERS, True)
    chosen_samples(audit, epoch=20)
    assert now().stage == now(k=1).stage == "scored"
    assert now(k=4).stage == "embedded"  # deeper than what was searched
    assert now(layer="backbone").stage == now(layer="gone").stage == "exported"
    assert not now().index
    for trainer in ("A", "B"):
        assert not now().index  # one alone is not enough
        build_index(audit, EncoderId(RUN, trainer, 20), layer="projector", progress=silent, stop=never)
    assert now().index
    vectors = audit.embeddings_folder(EncoderId(RUN, "B", 20), layer="projector", view="crops")
    (vectors / "manifest.json").unlink()
    assert now().stage == "exported"
    assert stored(audit, RUN, 30, layer="projector", k=3) == Stored()


def test_what_search_would_be_chosen_decides_what_is_stored(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen_samples(audit, epoch=20, search="hnsw")
    assert stored(audit, RUN, 20, layer="projector", k=3).stage == "embedded"
    monkeypatch.setattr("dejavu_tui.workflows.search.EXACT_LIMIT", 1)
    assert (found := stored(audit, RUN, 20, layer="projector", k=3)).stage == "scored"
    assert found.search == "hnsw"


def test_a_card_is_held_against_its_file_once_for_each_state(audit: Audit) -> None:
    encoder = EncoderId(RUN, "A", 20)
    assert card_of(audit, encoder).layers == LAYERS
    file = audit.onnx_folder(encoder) / "encoder.onnx"
    file.write_bytes(file.read_bytes() + b"x")
    other = Audit(audit.root.rename(audit.root.with_name("moved")))
    with pytest.raises(ArtefactError, match=r"encoder\.onnx"):
        card_of(other, encoder)
