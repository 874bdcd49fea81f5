import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from dejavu_tui.encoders import resume
from dejavu_tui.encoders.checkpoints import to_bytes
from dejavu_tui.encoders.resume import POINTER, Position, discard_state, load_state, save_state
from dejavu_tui.errors import ArtefactError

IDENTITY: dict[str, Any] = {"seed": 1}
PASSED = ({"loss": 0.1, "variance": 0.7}, {"loss": 1 / 3, "variance": 1e-300})


class Killed(BaseException):
    """The process is gone."""


def parts(seed: int = 0) -> dict[str, Any]:
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    return {"module": module, "optimizer": torch.optim.AdamW(module.parameters(), lr=0.1, fused=True)}


def advance(module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    module(torch.arange(15.0).reshape(5, 3)).pow(3).sum().backward()
    optimizer.step()


def bytes_of(module: nn.Module, optimizer: torch.optim.Optimizer) -> bytes:
    return to_bytes(resume.state_tensors(module, optimizer))


def saved(folder: Path, *, step: int = 3) -> dict[str, Any]:
    made = parts()
    for _ in range(step):
        advance(**made)
    save_state(folder, position=Position(step, PASSED), identity=IDENTITY, **made)
    return made


def test_what_was_saved_comes_back_and_goes_on_alike(tmp_path: Path) -> None:
    made, other = saved(tmp_path), parts(seed=5)
    assert load_state(tmp_path, identity=IDENTITY, **other) == Position(3, PASSED, torch=torch.__version__)
    assert bytes_of(**other) == bytes_of(**made)
    advance(**made)
    advance(**other)
    assert bytes_of(**other) == bytes_of(**made)


def test_without_a_state_training_begins_and_leftovers_go(tmp_path: Path) -> None:
    (tmp_path / ".state-9.safetensors.x.tmp").write_bytes(b"half")
    assert load_state(tmp_path, identity=IDENTITY, **parts()) == Position()
    assert list(tmp_path.iterdir()) == []


def test_only_the_last_state_is_kept(tmp_path: Path) -> None:
    saved(tmp_path, step=1)
    saved(tmp_path, step=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state-2.safetensors", POINTER]
    discard_state(tmp_path)
    assert not tmp_path.exists()


@pytest.mark.parametrize("call", range(4))
@pytest.mark.parametrize("operation", ["fsync", "replace"])
def test_a_kill_at_any_write_leaves_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str, call: int
) -> None:
    saved(tmp_path, step=1)
    real, unlink, calls = getattr(os, operation), Path.unlink, []

    def failing(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        if len(calls) > call:
            raise Killed
        return real(*arguments, **named)

    def silent_unlink(path: Path, missing_ok: bool = False) -> None:  # a dead process cleans nothing up
        if len(calls) <= call:
            unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, failing)
        patch.setattr(Path, "unlink", silent_unlink)
        with suppress(Killed):
            saved(tmp_path, step=2)
    after = parts(seed=5)
    position = load_state(tmp_path, identity=IDENTITY, **after)
    assert position.step in (1, 2)
    expected = parts()
    for _ in range(position.step):
        advance(**expected)
    assert bytes_of(**after) == bytes_of(**expected)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "state-3.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"state-3\.safetensors.*damaged"):
        load_state(tmp_path, identity=IDENTITY, **parts())


@pytest.mark.parametrize("text", ["", "{}", '{"file": "../../x.safetensors"}', "\x00"])
def test_a_damaged_pointer_is_refused(tmp_path: Path, text: str) -> None:
    saved(tmp_path)
    (tmp_path / POINTER).write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError, match="damaged"):
        load_state(tmp_path, identity=IDENTITY, **parts())


def test_a_state_of_another_training_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(ArtefactError, match="other settings or images"):
        load_state(tmp_path, identity={"seed": 2}, **parts())
