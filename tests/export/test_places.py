"""Where an encoder from elsewhere is written, and what may stand there before."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from typer.testing import CliRunner

from dejavu_cli.main import build
from dejavu_export.elsewhere import export_checkpoint
from dejavu_export.foreign.asked import Asked
from dejavu_tui.errors import ArtefactError, RequestError
from tests.data.planted import memory_graph, model_of

ASKED = Asked(mean=(0.0,) * 3, std=(1.0,) * 3)
TAKEN = r"A\.{}: is there already; name another --out, or replace it with --force"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.onnx"
    onnx.save_model(memory_graph(np.zeros((1, 3)), np.ones((1, 3))), path)
    return path


def export(file: Path, out: Path, *, asked: Asked = ASKED, force: bool = False) -> None:
    export_checkpoint(str(file), format="onnx", asked=asked, out=out, force=force)


def found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_same_export_again_overwrites_nothing_and_another_needs_force(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "A.onnx"
    export(file, out)
    first = found(tmp_path)
    export(file, out)
    other = Asked(mean=ASKED.mean, std=ASKED.std, epoch=7)
    with pytest.raises(RequestError, match=TAKEN.format("json")):
        export(file, out, asked=other)
    assert found(tmp_path) == first
    export(file, out, asked=other, force=True)
    assert b'"epoch": 7' in found(tmp_path)["A.json"]


@pytest.mark.parametrize("suffix", ["onnx", "json"])
@pytest.mark.parametrize("link", [False, True])
def test_one_file_that_is_there_is_enough_before_anything_is_computed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, link: bool
) -> None:
    place = tmp_path / f"A.{suffix}"
    place.symlink_to(tmp_path / "nothing") if link else place.write_bytes(b"mine")
    with monkeypatch.context() as patched, pytest.raises(RequestError, match=TAKEN.format(suffix)):
        patched.delattr("dejavu_export.formats.onnx.bring")
        export(file, tmp_path / "A.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == [place.name, "theirs.onnx"]
    export(file, tmp_path / "A.onnx", force=True)
    assert {"A.onnx", "A.json"} < found(tmp_path).keys()


@pytest.mark.parametrize("suffix", ["onnx", "json"])
def test_a_folder_and_the_checkpoint_are_never_replaced(file: Path, tmp_path: Path, suffix: str) -> None:
    before = found(tmp_path)
    with pytest.raises(RequestError, match="is the checkpoint itself; name another --out"):
        export(file, file, force=True)
    (tmp_path / "link.onnx").symlink_to(file)
    with pytest.raises(RequestError, match="is the checkpoint itself"):
        export(file, tmp_path / "link.onnx", force=True)
    (tmp_path / f"A.{suffix}").mkdir()
    with pytest.raises(RequestError, match=rf"A\.{suffix}: is a folder; name another --out"):
        export(file, tmp_path / "A.onnx", force=True)
    (tmp_path / "link.onnx").unlink()
    assert found(tmp_path) == before


def test_the_command_replaces_with_force_alone(file: Path, tmp_path: Path) -> None:
    (tmp_path / "A.onnx").write_bytes(b"mine")
    line = ["export-onnx", "--checkpoint", str(file), "--format", "onnx", "--out", str(tmp_path / "A.onnx")]
    line += ["--mean", "0,0,0", "--std", "1,1,1"]
    assert isinstance(CliRunner().invoke(build(), line).exception, RequestError)
    assert (tmp_path / "A.onnx").read_bytes() == b"mine"
    assert CliRunner().invoke(build(), [*line, "--force"]).exit_code == 0
    assert (tmp_path / "A.onnx").read_bytes() != b"mine"


def test_what_an_encoder_does_wrong_is_said_of_the_checkpoint(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0),
        helper.make_node("RandomUniformLike", ["mean"], ["noise"]),
        helper.make_node("Add", ["mean", "noise"], ["projector"]),
    ]
    file = tmp_path / "noise.onnx"
    onnx.save_model(model_of(nodes, {"space": np.array([2, 3], np.int64)}, {"projector": 3}), file)
    with pytest.raises(ArtefactError, match="another embedding at layer projector") as caught:
        export(file, tmp_path / "A.onnx")
    assert caught.value.where == str(file)
    assert list(tmp_path.iterdir()) == [file]
