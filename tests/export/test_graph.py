import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from dejavu_export.graph import INPUT_NAME, encoder_graph
from dejavu_tui.encoders.checkpoints import SnapshotCard, snapshot_card
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import SIZE, toy_settings


def encoder(seed: int = 0, arch: str = "convnet") -> Encoder:
    """An encoder with weights and batch statistics unlike those it starts with."""
    torch.manual_seed(seed)
    made = Encoder(arch, "16-16")
    for tensor in made.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(0.1 * torch.rand(tensor.shape))
    return made.eval()


def card(arch: str = "convnet") -> SnapshotCard:
    return snapshot_card(toy_settings(arch=arch), trained_on="A", epoch=1, train_size=24)


@pytest.mark.parametrize("arch", ["convnet", pytest.param("resnet18", marks=pytest.mark.slow)])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_all_layers_are_outputs_for_any_batch(arch: str, count: int) -> None:
    network = encoder(arch=arch)
    session = onnxruntime.InferenceSession(encoder_graph(network, card(arch)), providers=["CPUExecutionProvider"])
    assert [(given.name, given.type, given.shape) for given in session.get_inputs()] == [
        (INPUT_NAME, "tensor(float)", ["n", 3, SIZE, SIZE])
    ]
    assert tuple(output.name for output in session.get_outputs()) == network.layers
    images = np.random.default_rng(0).normal(size=(count, 3, SIZE, SIZE)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(images))
    for layer, ours, theirs in zip(network.layers, expected, session.run(None, {INPUT_NAME: images}), strict=True):
        assert theirs.shape == (count, network.dims[layer])
        assert np.allclose(ours.numpy(), theirs, atol=1e-5)


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
