import json
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.embeddings.card import read_card
from dejavu_tui.errors import ArtefactError
from tests.data.planted import LAYERS, memory_graph, write_encoder


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    path = tmp_path / "encoder.onnx"
    write_encoder(path, memory_graph(np.zeros((1, 3)), np.ones((1, 3))), dims=dict.fromkeys(LAYERS, 3))
    return path


def test_the_card_knows_the_files_hash(onnx_file: Path) -> None:
    card = read_card(onnx_file)
    assert (card.layers, card.dims["projector"]) == (LAYERS, 3)
    assert len(str(card.sha256)) == 64


def test_another_onnx_file_is_refused(onnx_file: Path) -> None:
    onnx_file.write_bytes(onnx_file.read_bytes() + b"\0")
    with pytest.raises(ArtefactError, match="other sha256"):
        read_card(onnx_file)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "[" * 100_000, '{"layers": []}', b"\xff\xfe".decode("latin-1")],
)
def test_what_is_no_card_is_refused(onnx_file: Path, text: str) -> None:
    onnx_file.with_suffix(".json").write_text(text, encoding="latin-1")
    with pytest.raises(ArtefactError):
        read_card(onnx_file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dims", {"projector": 3}),
        ("dims", {"backbone": 0, "projector.1": 3, "projector": 3}),
        ("std", [0, 1, 1]),
        ("mean", [0, 1]),
        ("input_size", 10**9),
        ("surprise", 1),
    ],
)
def test_a_wrong_field_is_named(onnx_file: Path, key: str, value: object) -> None:
    path = onnx_file.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ArtefactError, match="no valid card"):
        read_card(onnx_file)


def test_a_missing_file_is_named(onnx_file: Path) -> None:
    onnx_file.with_suffix(".json").unlink()
    with pytest.raises(ArtefactError, match=r"encoder\.json: is missing"):
        read_card(onnx_file)
    with pytest.raises(ArtefactError, match=r"other\.onnx: is missing"):
        read_card(onnx_file.with_name("other.onnx"))
