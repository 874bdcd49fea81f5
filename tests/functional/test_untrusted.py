"""No file of an audit runs code: nothing in the product unpickles, and pickles in any place are refused unread."""

import ast
import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pytest
import torch

from dejavu_tui.artefacts import publish
from dejavu_tui.embeddings.store import EMBEDDINGS, read
from dejavu_tui.encoders.checkpoints import CARD_FILE, WEIGHTS_FILE, read_encoder
from dejavu_tui.encoders.folders import resume_folder, snapshot_folder
from dejavu_tui.encoders.resume import POINTER
from dejavu_tui.errors import ArtefactError
from tests.encoders.toys import run_toy, toy_settings

ROOT = Path(__file__).parents[2]
PRODUCT = [path for room in ("dejavu_tui", "cli", "export") for path in sorted((ROOT / room).rglob("*.py"))]
FORBIDDEN = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
READER = ROOT / "export" / "dejavu_export" / "foreign" / "checkpoint.py"
"""The one file that may read what torch.save wrote, tensors and plain containers only."""
LOADERS = {"torch.load", "torch.jit.load", "torch.export.load", "torch.package.PackageImporter", "torch.hub.load"}


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` of an expression of names, else what stands after the last dot."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def faults(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in FORBIDDEN)
        if isinstance(node, ast.ImportFrom) and node.module:
            imported = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from imported & LOADERS
            yield from {node.module} & FORBIDDEN
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            keywords = {word.arg: word.value for word in node.keywords}
            if name in LOADERS or name in ("eval", "exec"):
                yield name
            if name in ("np.load", "numpy.load"):
                allowed = keywords.get("allow_pickle")
                if not (isinstance(allowed, ast.Constant) and allowed.value is False):
                    yield f"{name} without allow_pickle=False"


def test_nothing_in_the_product_unpickles() -> None:
    assert len(PRODUCT) > 50
    found = {path: list(faults(ast.parse(path.read_text("utf-8")))) for path in PRODUCT}
    assert {path: names for path, names in found.items() if names} == {READER: ["torch.load"]}
    (call,) = (node for node in ast.walk(ast.parse(READER.read_text("utf-8"))) if is_load(node))
    said = {word.arg: word.value for word in call.keywords}
    assert isinstance(said["weights_only"], ast.Constant)
    assert said["weights_only"].value is True
    assert set(said) == {"map_location", "weights_only"}


def is_load(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and dotted(node.func) == "torch.load"


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from torch import load",
        "torch.load(f, weights_only=True)",
        "torch.export.load(f)",
        "np.load(f)",
        "np.load(f, allow_pickle=True)",
        "eval(x)",
    ],
)
def test_the_look_through_the_product_sees(line: str) -> None:
    assert list(faults(ast.parse(line)))


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.path}'",)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    run_toy(folder, toy_settings("simclr", epochs=2, snapshots=(1, 2)))
    return folder


@pytest.mark.parametrize("how", ["pickle", "torch", "zip"])
def test_a_pickle_instead_of_weights_is_refused_unread(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    canary = tmp_path / "canary"
    card = (snapshot_folder(trained, epoch=2) / CARD_FILE).read_bytes()
    with publish(tmp_path / "s", kind="snapshot", identity={}) as draft:
        (draft.folder / CARD_FILE).write_bytes(card)
        weights = draft.folder / WEIGHTS_FILE
        if how == "pickle":
            weights.write_bytes(pickle.dumps(Canary(canary)))
        else:
            torch.save({"a": Canary(canary)}, weights, _use_new_zipfile_serialization=how == "zip")
    with pytest.raises(ArtefactError, match=WEIGHTS_FILE) as caught:
        read_encoder(tmp_path / "s")
    assert caught.value.exit_code == 3
    assert not canary.exists()


def test_a_pickle_instead_of_a_saved_state_is_refused_unread(trained: Path, tmp_path: Path) -> None:
    folder, canary = tmp_path / "t", tmp_path / "canary"
    shutil.copytree(trained, folder)
    resume_folder(folder).mkdir()
    (resume_folder(folder) / POINTER).write_bytes(pickle.dumps(Canary(canary)))
    with pytest.raises(ArtefactError, match=POINTER):
        run_toy(folder, toy_settings("simclr", epochs=2, snapshots=(1, 2)))
    assert not canary.exists()


def test_a_pickle_instead_of_embeddings_is_refused_unread(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    with publish(tmp_path / "e", kind=EMBEDDINGS, identity={}) as draft:
        np.save(draft.folder / "ids.npy", np.array([1]))
        np.save(draft.folder / "vectors.npy", np.array([[Canary(canary)]], object), allow_pickle=True)
    with pytest.raises(ArtefactError):
        read(tmp_path / "e")
    (tmp_path / "e" / "vectors.npy").write_bytes(pickle.dumps(Canary(canary)))
    with pytest.raises(ArtefactError, match=r"vectors\.npy"):
        read(tmp_path / "e")
    assert not canary.exists()
