"""Files that nobody vouches for: none may run code, none may pass for something else."""

import json
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from dejavu_export.foreign import checkpoint
from dejavu_export.foreign.checkpoint import epochs_done, read_checkpoint, tensors_in, whole_number
from dejavu_tui.errors import ArtefactError, RequestError

PLAIN = {"weight": torch.ones(2, 3), "count": torch.tensor(3)}


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.path}'",)


class SetsItem:
    """Gives a container of tensors a member through the pickle's own SETITEM, with what `Canary` reduces to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (), None, None, iter([("a", Canary(self.path))])


def test_what_torch_and_safetensors_save_is_read(tmp_path: Path) -> None:
    for name, legacy in (("new.pth", True), ("old.pth", False)):
        torch.save({"epoch": 3, "model": PLAIN}, tmp_path / name, _use_new_zipfile_serialization=legacy)
        found = read_checkpoint(tmp_path / name)
        assert found["epoch"] == 3
        assert tensors_in(found["model"], where=tmp_path)["weight"].tolist() == [[1, 1, 1], [1, 1, 1]]
    save_file(PLAIN, tmp_path / "x.safetensors")
    assert read_checkpoint(tmp_path / "x.safetensors").keys() == PLAIN.keys()


@pytest.mark.parametrize("force", ["0", "1"])
@pytest.mark.parametrize("make", [Canary, SetsItem])
@pytest.mark.parametrize("how", ["zip", "legacy", "bare"])
def test_no_pickle_runs_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, make: Callable[[Path], object], force: str
) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", force)
    canary, path = tmp_path / "canary", tmp_path / "evil.pth"
    evil = {"state_dict": PLAIN, "more": make(canary)}
    if how == "bare":
        path.write_bytes(pickle.dumps(evil))
    else:
        torch.save(evil, path, _use_new_zipfile_serialization=how == "zip")
    wanted = r"cannot be read as plain tensors; where it was made and is trusted"
    with warnings.catch_warnings(), pytest.raises(ArtefactError, match=wanted):
        warnings.simplefilter("error")
        read_checkpoint(path)
    assert not canary.exists()


def test_programs_and_whole_modules_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.jit.script(nn.Linear(2, 2)).save(str(path))  # type: ignore[no-untyped-call]
    with pytest.raises(ArtefactError, match="is TorchScript, which is a program; where it was made"):
        read_checkpoint(path)
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.ones(1, 2),)), tmp_path / "model.pt2")
    with pytest.raises(ArtefactError, match=r"is no file of torch\.save, perhaps an exported program"):
        read_checkpoint(tmp_path / "model.pt2")
    torch.save(nn.Linear(2, 2), path)
    with pytest.raises(ArtefactError, match="cannot be read as plain tensors") as caught:
        read_checkpoint(path)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def repacked(path: Path, *, compression: int) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def test_a_packed_archive_is_refused_before_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    torch.save({"zeros": torch.zeros(1_000_000)}, path)
    repacked(path, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 20_000
    with pytest.raises(ArtefactError, match=r"is packed, unlike what torch\.save writes"):
        read_checkpoint(path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.pth"
    torch.save({"state_dict": PLAIN}, path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ArtefactError):
        read_checkpoint(path)


def header(length: int, text: bytes) -> bytes:
    return struct.pack("<Q", length) + text


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (header(100_000_000, b"{}"), "header is too large"),
        (header(2, b"[]"), "header is no JSON"),
        (header(200_000, b"[" * 200_000), "header is no JSON"),
        (header(8, b'{"a": 1}'), "is no safetensors file"),
        (b"x", "header is too large"),
    ],
)
def test_a_safetensors_file_is_not_believed(tmp_path: Path, data: bytes, match: str) -> None:
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(ArtefactError, match=match):
        read_checkpoint(tmp_path / "x.safetensors")


def test_too_large_and_missing_files_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 100)
    torch.save(PLAIN, tmp_path / "x.pth")
    with pytest.raises(ArtefactError, match="is larger than"):
        read_checkpoint(tmp_path / "x.pth")
    with pytest.raises(RequestError, match="no such file; name the checkpoint with --checkpoint"):
        read_checkpoint(tmp_path / "y.pth")


@pytest.mark.parametrize(
    "value",
    [
        "text",
        torch.zeros(1).expand(1 << 20, 1 << 20),  # claims to be 4 TB
        torch.eye(2).to_sparse(),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, device="meta"),
        torch.zeros(2, dtype=torch.uint8).view(torch.float4_e2m1fn_x2),
        [torch.zeros(1)],
    ],
)
def test_only_ordinary_tensors_are_weights(tmp_path: Path, value: object) -> None:
    with pytest.raises(ArtefactError, match=r"has \\x1b\[2J which is no ordinary tensor"):
        tensors_in({**PLAIN, "\x1b[2J": value}, where=tmp_path)


def test_a_type_that_becomes_float32_is_read(tmp_path: Path) -> None:
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        found = tensors_in({"a": torch.ones(2).to(dtype)}, where=tmp_path)["a"]
        assert (found.dtype, found.tolist()) == (torch.float32, [1, 1])


def test_too_many_tensors_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="has 20,000 tensors, more than 10,000"):
        tensors_in(dict.fromkeys(range(20_000), torch.zeros(1)), where=tmp_path)
    text = json.dumps(dict.fromkeys(range(10_001), 0)).encode()
    (tmp_path / "x.safetensors").write_bytes(header(len(text), text))
    with pytest.raises(ArtefactError, match="has 10,001 tensors, more than 10,000; where it was made"):
        read_checkpoint(tmp_path / "x.safetensors")


@pytest.mark.parametrize("values", [None, {}, [1]])
def test_a_state_dict_is_a_dict_of_some_tensors(tmp_path: Path, values: Any) -> None:
    with pytest.raises(ArtefactError, match="holds no state dict"):
        tensors_in(values, where=tmp_path)


def test_a_list_is_no_checkpoint(tmp_path: Path) -> None:
    torch.save([torch.zeros(1)], tmp_path / "x.pth")
    with pytest.raises(ArtefactError, match="holds a list, no state dict"):
        read_checkpoint(tmp_path / "x.pth")


def test_the_parallel_prefix_is_taken_off_where_all_have_it(tmp_path: Path) -> None:
    one = torch.zeros(1)
    assert list(tensors_in({"module.a": one, "module.b": one}, where=tmp_path)) == ["a", "b"]
    assert list(tensors_in({"module.a": one, "b": one}, where=tmp_path)) == ["module.a", "b"]
    twice = {"module.module.a": one, "module.module.module.b": one}
    assert list(tensors_in(twice, where=tmp_path)) == ["a", "module.b"]


@pytest.mark.parametrize(("value", "epoch"), [(7, 7), (0, 0), (-1, None), ("7", None), (7.0, None), (10**9, None)])
def test_an_epoch_is_a_whole_number(value: object, epoch: int | None) -> None:
    assert whole_number(value) == epoch
    progress = {"epoch_progress": {"current": {"processed": value}}}
    assert epochs_done({"epoch": 3, "loops": {"fit_loop": progress}}) == epoch
    assert epochs_done({"epoch": value, "loops": {"fit_loop": [progress]}}) is None
