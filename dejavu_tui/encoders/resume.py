"""The state of an unfinished training: saved whole or not at all, so that the same command goes on from it.

`resume/state.json` names the file of tensors and its hash and is replaced last; a kill at any moment leaves the
old state or the new one.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from dejavu_tui.artefacts import sha256_file, sha256_json, write_atomically
from dejavu_tui.encoders.checkpoints import from_bytes, to_bytes
from dejavu_tui.errors import ArtefactError

POINTER = "state.json"
_FIX = "remove the folder to begin this training again"


class _Pointer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[2] = 2
    identity: str
    step: int = Field(ge=0)
    losses: tuple[dict[str, float], ...]
    """What the steps already done in the epoch under way gave."""
    stepped: bool
    scaler: dict[str, int | float]
    torch: str = "of an unknown version"
    """The version that was at work; states of before this was noted have none."""
    file: str = Field(pattern=r"^state-[0-9]+\.safetensors$")
    sha256: str


@dataclass(frozen=True)
class Position:
    """How far a training is: steps done; the losses, by name, of those in the epoch under way; whether the
    optimiser has changed anything, which fp16 puts off until its scale fits; the state of that scale; and the
    version of torch that was at work.
    """

    step: int = 0
    losses: tuple[dict[str, float], ...] = ()
    stepped: bool = True
    scaler: Mapping[str, int | float] = field(default_factory=dict)
    torch: str = ""


def save_state(
    folder: Path,
    *,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    position: Position,
    identity: dict[str, Any],
) -> None:
    """Save all that the rest of the training depends on; the state saved before goes when this one stands."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"state-{position.step}.safetensors"
    write_atomically(file, to_bytes(state_tensors(module, optimizer)))
    pointer = _Pointer(
        identity=sha256_json(identity),
        step=position.step,
        losses=position.losses,
        stepped=position.stepped,
        scaler=dict(position.scaler),
        torch=torch.__version__,
        file=file.name,
        sha256=sha256_file(file),
    )
    write_atomically(folder / POINTER, pointer.model_dump_json(indent=1).encode())
    _sweep(folder, keep={POINTER, file.name})


def load_state(
    folder: Path, *, module: nn.Module, optimizer: torch.optim.Optimizer, identity: dict[str, Any]
) -> Position:
    """Put the saved state into `module` and `optimizer` and return its position; the start if there is none.

    Leftovers of killed writers are removed. Raises ArtefactError: the state is damaged, or of another training.
    """
    path = folder / POINTER
    if not path.is_file():
        _sweep(folder, keep=set())
        return Position()
    try:
        pointer = _Pointer.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ArtefactError("is damaged", where=path, fix=_FIX) from None
    if pointer.identity != sha256_json(identity):
        raise ArtefactError("belongs to a training with other settings or images", where=path, fix=_FIX)
    file = folder / pointer.file
    if not file.is_file() or sha256_file(file) != pointer.sha256:
        raise ArtefactError("is missing or damaged", where=file, fix=_FIX)
    _sweep(folder, keep={POINTER, pointer.file})
    if pointer.stepped:
        prime(optimizer)
    wanted = state_tensors(module, optimizer)
    for name, tensor in from_bytes(file.read_bytes(), like=wanted, where=file).items():
        wanted[name].copy_(tensor)
    return Position(pointer.step, pointer.losses, pointer.stepped, pointer.scaler, pointer.torch)


def discard_state(folder: Path) -> None:
    """Remove the state; the pointer goes first."""
    (folder / POINTER).unlink(missing_ok=True)
    _sweep(folder, keep=set())
    with suppress(FileNotFoundError):
        folder.rmdir()


def state_tensors(module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return all state, by name, without copying it."""
    tensors = {f"module.{name}": tensor.detach() for name, tensor in module.state_dict().items()}
    for place, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{place}.{name}": tensor for name, tensor in state.items()}
    return tensors


def prime(optimizer: torch.optim.Optimizer) -> None:
    """Make the optimiser's state tensors, which exist only after a first step; the load then fills them."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()


def _sweep(folder: Path, *, keep: set[str]) -> None:
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.name not in keep and entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink(missing_ok=True)
