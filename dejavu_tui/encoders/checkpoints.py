"""Encoders and training states on disk: safetensors and JSON, checked strictly; nothing is ever unpickled."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from dejavu_tui.artefacts import verify
from dejavu_tui.config import PROJECTOR_PATTERN, RunSettings, Stem
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.records import Trainer
from dejavu_tui.text import safe_text

WEIGHTS_FILE = "encoder.safetensors"
CARD_FILE = "encoder.json"
_HEADER_CAP = 1 << 20
_REMAKE = "remove the folder and train again"


class SnapshotCard(BaseModel):
    """`encoder.json` beside the weights of a snapshot: what is needed to build the network and to feed it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    schema_: Literal[1] = Field(default=1, alias="schema")
    method: str
    architecture: str
    stem: Stem = "large"
    projector: Annotated[str, Field(pattern=PROJECTOR_PATTERN)]
    epoch: int = Field(ge=1)
    trained_on: Trainer
    train_size: int = Field(ge=2)
    """Images of its own part; shared ones are not counted."""
    input_size: int = Field(ge=8, le=1024)
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def snapshot_card(settings: RunSettings, *, trained_on: Trainer, epoch: int, train_size: int) -> SnapshotCard:
    """Return the card of the encoder after `epoch` of a training."""
    return SnapshotCard(
        method=settings.method,
        architecture=settings.arch,
        stem=settings.stem,
        projector=settings.projector,
        epoch=epoch,
        trained_on=trained_on,
        train_size=train_size,
        input_size=settings.input_size,
        mean=settings.mean,
        std=settings.std,
    )


def write_encoder(encoder: Encoder, card: SnapshotCard, *, folder: Path) -> None:
    """Write weights and card into `folder`."""
    (folder / WEIGHTS_FILE).write_bytes(to_bytes(encoder.state_dict()))
    (folder / CARD_FILE).write_text(card.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")


def read_encoder(folder: Path) -> tuple[Encoder, SnapshotCard]:
    """Return the encoder of the snapshot at `folder`, in eval mode.

    Raises ArtefactError: a file is missing, damaged, or does not fit the network that the card names.
    """
    verify(folder, kind="snapshot")
    path = folder / CARD_FILE
    try:
        card = SnapshotCard.model_validate_json(path.read_bytes())
        with torch.device("meta"):
            encoder = Encoder(card.architecture, card.projector, stem=card.stem, size=card.input_size)
    except (ValidationError, RequestError):
        raise ArtefactError("is no card of a snapshot", where=path, fix=_REMAKE) from None
    weights = from_bytes(
        (folder / WEIGHTS_FILE).read_bytes(), like=encoder.state_dict(), where=folder / WEIGHTS_FILE
    )
    encoder.load_state_dict(weights, strict=True, assign=True)
    return encoder.eval(), card


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Return `tensors` as one safetensors file."""
    return save({name: tensor.detach().contiguous() for name, tensor in tensors.items()})


def from_bytes(data: bytes, *, like: Mapping[str, Tensor], where: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file whose names, shapes and types are just those of `like`.

    Raises ArtefactError: they are not, or `data` is no such file.
    """
    _check_header(data, tensors=len(like), where=where)
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        what = f"is no safetensors file ({safe_text(str(error), limit=120)})"
        raise ArtefactError(what, where=where, fix=_REMAKE) from None
    if tensors.keys() != like.keys():
        name = safe_text(min(tensors.keys() ^ like.keys()), limit=80)
        state = "lacks" if name in like else "has beside what belongs there"
        raise ArtefactError(f"{state} the tensor {name}", where=where, fix=_REMAKE)
    for name, tensor in tensors.items():
        wanted = like[name]
        if tensor.shape != wanted.shape or tensor.dtype != wanted.dtype:
            got = f"{tuple(tensor.shape)} {tensor.dtype}, not {tuple(wanted.shape)} {wanted.dtype}"
            raise ArtefactError(f"tensor {safe_text(name, limit=80)} is {got}", where=where, fix=_REMAKE)
    return tensors


def _check_header(data: bytes, *, tensors: int, where: Path) -> None:
    """Refuse a header that is larger than `tensors` entries need, before it is parsed by others."""
    length = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else _HEADER_CAP + 1
    if length > _HEADER_CAP or 8 + length > len(data):
        raise ArtefactError("is no safetensors file (its header is too large)", where=where, fix=_REMAKE)
    try:
        header = json.loads(data[8 : 8 + length])
    except (ValueError, RecursionError):
        raise ArtefactError("is no safetensors file (its header is no JSON)", where=where, fix=_REMAKE) from None
    if not isinstance(header, dict) or len(header) > tensors + 1:
        raise ArtefactError("holds more tensors than the network has", where=where, fix=_REMAKE)
