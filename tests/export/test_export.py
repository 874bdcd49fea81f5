import json
from pathlib import Path

import pytest

from dejavu_export import export as export_module
from dejavu_export.export import export
from dejavu_export.parity import Parity
from dejavu_tui.artefacts import sha256_file
from dejavu_tui.encoders.folders import snapshot_folder
from dejavu_tui.errors import ArtefactError, ParityError
from dejavu_tui.records import EncoderCard
from tests.encoders.toys import run_toy, toy_settings


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    run_toy(folder, toy_settings("vicreg", epochs=2, snapshots=(2,)))
    return snapshot_folder(folder, epoch=2)


def test_the_card_says_what_the_file_holds(snapshot: Path, tmp_path: Path) -> None:
    card = export(snapshot, tmp_path / "encoder.onnx")
    text = json.loads((tmp_path / "encoder.json").read_text())
    assert EncoderCard.model_validate(text) == card
    assert text["schema"] == 1
    assert list(text["dims"]) == text["layers"] == ["backbone", "projector.1", "projector"]
    assert text["sha256"] == sha256_file(tmp_path / "encoder.onnx")
    assert (text["method"], text["architecture"], text["epoch"]) == ("vicreg", "convnet", 2)
    assert (text["trained_on"], text["train_size"], text["input_size"]) == ("A", 24, 16)
    assert (text["input_name"], text["precision"], text["opset"]) == ("pixels", "fp32", 20)
    assert set(text["parity"]) == set(text["layers"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder.json", "encoder.onnx"]


def test_the_same_snapshot_gives_the_same_bytes(snapshot: Path, tmp_path: Path) -> None:
    cards = [export(snapshot, tmp_path / name) for name in ("one.onnx", "two.onnx")]
    assert cards[0] == cards[1]
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()


def test_without_parity_nothing_is_left(snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "measure_parity", lambda *_, **__: Parity({"backbone": 0.01}))
    with pytest.raises(ParityError):
        export(snapshot, tmp_path / "encoder.onnx")
    assert list(tmp_path.iterdir()) == []


def test_no_snapshot_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no complete snapshot"):
        export(tmp_path / "nothing", tmp_path / "encoder.onnx")
