import json

import pytest

from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import EncoderId, Step, never, silent
from dejavu_tui.workflows.index import build_index, open_index, stored_recall
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit

ENCODER = EncoderId(RUN, "A", 20)


@pytest.fixture
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=24, attacked=4)


def test_is_built_once_with_its_recall(audit: Audit) -> None:
    folder, measured = build_index(audit, ENCODER, layer="projector", progress=silent, stop=never)
    assert measured == stored_recall(audit, ENCODER, layer="projector")
    assert (measured.k, measured.recall) == (10, 1.0)
    sidecar = json.loads((folder / "index.json").read_text())
    assert (sidecar["count"], sidecar["dim"], sidecar["metric"]) == (64, 3, "l2")
    steps: list[Step] = []
    build_index(audit, ENCODER, layer="projector", progress=steps.append, stop=never)
    assert steps == []
    assert open_index(audit, ENCODER, layer="projector", progress=silent, stop=never).ef == measured.ef


def test_a_damaged_index_is_named_and_remade_once_removed(audit: Audit) -> None:
    folder, _ = build_index(audit, ENCODER, layer="projector", progress=silent, stop=never)
    good = (folder / "index.bin").read_bytes()
    (folder / "index.bin").write_bytes(good[:-1])
    with pytest.raises(ArtefactError, match=r"index\.bin"):
        build_index(audit, ENCODER, layer="projector", progress=silent, stop=never)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    build_index(audit, ENCODER, layer="projector", progress=silent, stop=never)
    assert (folder / "index.bin").read_bytes() == good
