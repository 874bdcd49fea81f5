import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dejavu_tui.artefacts import publish
from dejavu_tui.encoders.checkpoints import (
    CARD_FILE,
    WEIGHTS_FILE,
    from_bytes,
    read_encoder,
    snapshot_card,
    to_bytes,
    write_encoder,
)
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import ArtefactError
from tests.encoders.toys import toy_settings

WHERE = Path("weights.safetensors")
LIKE = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(7)}


def snapshot(folder: Path, *, card: str | None = None, weights: bytes | None = None) -> Encoder:
    """A whole and hashed snapshot, of which `card` or `weights` come from somebody else."""
    encoder = Encoder("convnet", "16-16")
    made = snapshot_card(toy_settings(), trained_on="A", epoch=2, train_size=24)
    with publish(folder, kind="snapshot", identity={}) as draft:
        write_encoder(encoder, made, folder=draft.folder)
        if card is not None:
            (draft.folder / CARD_FILE).write_text(card, encoding="utf-8")
        if weights is not None:
            (draft.folder / WEIGHTS_FILE).write_bytes(weights)
    return encoder


def test_an_encoder_comes_back_as_it_was(tmp_path: Path) -> None:
    encoder = snapshot(tmp_path / "s")
    again, card = read_encoder(tmp_path / "s")
    assert not again.training
    assert (card.architecture, card.trained_on, card.epoch, card.train_size) == ("convnet", "A", 2, 24)
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c": torch.zeros(1)}, "more tensors|has beside"),
        ({"a": None}, "lacks the tensor a"),
        ({"a": torch.zeros(3, 2)}, r"tensor a is \(3, 2\)"),
        ({"a": torch.zeros(2, 3, dtype=torch.float64)}, "float64"),
        ({"a": None, "c": torch.zeros(2, 3)}, "tensor a|tensor c"),
    ],
)
def test_other_tensors_are_refused(change: dict[str, torch.Tensor | None], message: str) -> None:
    tensors = {name: tensor for name, tensor in (LIKE | change).items() if tensor is not None}
    with pytest.raises(ArtefactError, match=message) as caught:
        from_bytes(to_bytes(tensors), like=LIKE, where=WHERE)
    assert caught.value.exit_code == 3
    assert "weights.safetensors" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        struct.pack("<Q", 2**40) + b"{}",
        struct.pack("<Q", 1 << 21) + b" " * (1 << 21),
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 100_000) + b"[" * 100_000,
        b"PK\x03\x04 a zip with a pickle in it, as torch.save writes",
    ],
    ids=["empty", "short", "forged length", "huge header", "no object", "nested", "zip"],
)
def test_what_is_no_safetensors_file_is_refused(data: bytes) -> None:
    with pytest.raises(ArtefactError):
        from_bytes(data, like=LIKE, where=WHERE)


def test_a_header_of_many_tensors_is_refused_before_others_parse_it() -> None:
    header = json.dumps({f"t{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(10_000)})
    with pytest.raises(ArtefactError, match="more tensors"):
        from_bytes(struct.pack("<Q", len(header)) + header.encode(), like=LIKE, where=WHERE)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused_or_only_changes_values(data: st.DataObject) -> None:
    whole = bytearray(to_bytes(LIKE))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    try:
        tensors = from_bytes(bytes(whole), like=LIKE, where=WHERE)
    except ArtefactError:
        return
    assert {name: (t.shape, t.dtype) for name, t in tensors.items()} == {
        name: (t.shape, t.dtype) for name, t in LIKE.items()
    }


def test_a_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    snapshot(tmp_path / "s")
    path = tmp_path / "s" / WEIGHTS_FILE
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match="damaged"):
        read_encoder(tmp_path / "s")


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "vgg"},
        {"architecture": "resnet18"},
        {"projector": "16-17"},
        {"projector": "9999999"},
        {"x": 1},
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    made = snapshot_card(toy_settings(), trained_on="A", epoch=2, train_size=24)
    snapshot(tmp_path / "s", card=json.dumps(made.model_dump(by_alias=True) | change))
    with pytest.raises(ArtefactError):
        read_encoder(tmp_path / "s")
