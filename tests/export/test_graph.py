import logging
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from dejavu_export.export import export
from dejavu_export.graph import INPUT_NAME, encoder_graph
from dejavu_export.parity import (
    SAME_NEIGHBOURS,
    TOLERANCE,
    RealImages,
    _pictures,
    check_parity,
    measure_parity,
)
from dejavu_tui.config import Stem
from dejavu_tui.encoders.checkpoints import SnapshotCard, snapshot_card
from dejavu_tui.encoders.folders import snapshot_folder
from dejavu_tui.encoders.methods import method_names
from dejavu_tui.encoders.names import ARCHS
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import SIZE, run_toy, toy_settings

USUAL = {("convnet", "large"): 16, ("resnet18", "small"): 16, ("vgg11_bn", "large"): 32, ("vit-tiny", "small"): 16}
"""Networks whose export every run of the tests tries, at the least size of images; the others are slow."""
ALL = USUAL | {(arch, stem): 64 for arch in ARCHS for stem in get_args(Stem) if (arch, stem) not in USUAL}
CASES = [
    pytest.param(arch, stem, size, marks=() if (arch, stem) in USUAL else pytest.mark.slow)
    for (arch, stem), size in ALL.items()
]


def encoder(seed: int = 0, arch: str = "convnet", *, stem: Stem = "large", size: int = SIZE) -> Encoder:
    """An encoder with weights and batch statistics unlike those it starts with."""
    torch.manual_seed(seed)
    made = Encoder(arch, "16-16", stem=stem, size=size)
    for tensor in made.state_dict().values():
        if tensor.is_floating_point():
            scale = tensor.std() if tensor.ndim > 1 else 1
            tensor.add_(0.1 * scale * torch.rand(tensor.shape))
    return made.eval()


def card(arch: str = "convnet", *, stem: Stem = "large", size: int = SIZE) -> SnapshotCard:
    settings = toy_settings(arch=arch, stem=stem, input_size=size)
    return snapshot_card(settings, trained_on="A", epoch=1, train_size=24)


@pytest.mark.parametrize(("arch", "stem", "size"), CASES)
def test_every_network_agrees_and_has_its_batch_norm_folded(arch: str, stem: Stem, size: int) -> None:
    network = encoder(arch=arch, stem=stem, size=size)
    model = encoder_graph(network, card(arch, stem=stem, size=size))
    colours = {"mean": (0.45,) * 3, "std": (0.25,) * 3}
    real = RealImages(*(_pictures(count, size=size) for count in (30, 5)))
    parity = measure_parity(model, network, size=size, real=real, **colours)
    check_parity(parity)
    assert "BatchNormalization" not in {node.op_type for node in onnx.load_model_from_string(model).graph.node}


@pytest.mark.parametrize("method", method_names())
def test_every_method_agrees(method: str, tmp_path: Path) -> None:
    run_toy(tmp_path, toy_settings(method, epochs=1, snapshots=(1,)))
    card = export(
        snapshot_folder(tmp_path, epoch=1),
        tmp_path / "encoder.onnx",
        real=lambda size: RealImages(*(_pictures(count, size=size) for count in (30, 5))),
    )
    assert card.agreement is not None
    assert card.agreement["neighbours"] >= SAME_NEIGHBOURS
    assert card.parity is not None
    assert max(card.parity.values()) <= TOLERANCE


@pytest.mark.parametrize(("arch", "stem", "size"), CASES)
def test_all_layers_are_outputs_for_any_batch(arch: str, stem: Stem, size: int) -> None:
    network = encoder(arch=arch, stem=stem, size=size)
    model = encoder_graph(network, card(arch, stem=stem, size=size))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert [(given.name, given.type, given.shape) for given in session.get_inputs()] == [
        (INPUT_NAME, "tensor(float)", ["n", 3, size, size])
    ]
    assert tuple(output.name for output in session.get_outputs()) == network.layers
    for count in (1, 2, 7):
        images = np.random.default_rng(0).normal(size=(count, 3, size, size)).astype(np.float32)
        with torch.no_grad():
            expected = network(torch.from_numpy(images))
        got = session.run(None, {INPUT_NAME: images})
        for layer, ours, theirs in zip(network.layers, expected, got, strict=True):
            assert theirs.shape == (count, network.dims[layer])
            assert np.abs(ours.numpy() - theirs).max() <= TOLERANCE * np.sqrt(np.square(theirs).mean())


def test_the_same_weights_give_the_same_bytes_whatever_was_exported_before() -> None:
    first = encoder_graph(encoder(1), card())
    other = encoder_graph(encoder(2), card())
    assert first != other
    assert encoder_graph(encoder(1), card()) == first
    code = (
        "import sys, hashlib; from tests.export.test_graph import *;"
        "print(hashlib.sha256(encoder_graph(encoder(1), card())).hexdigest())"
    )
    import hashlib

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == hashlib.sha256(first).hexdigest() + "\n"
    assert done.stderr == ""


def test_the_file_is_one_plain_onnx_file_without_traces_of_the_machine() -> None:
    data = encoder_graph(encoder(), card())
    model = onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain for entry in model.opset_import} == {""}
    assert all(weight.data_location == onnx.TensorProto.DEFAULT for weight in model.graph.initializer)
    assert not {node.op_type for node in model.graph.node} & {"BatchNormalization", "Dropout"}
    for text in (str(Path(torch.__file__).parent), str(Path.cwd()), "site-packages", ".py"):
        assert text.encode() not in data


def test_it_prints_nothing_and_leaves_logging_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.root.manager.disable
    encoder_graph(encoder(), card())
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == before
