from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.embeddings.trial import try_out
from dejavu_tui.errors import ArtefactError, MeasurementError
from tests.data.planted import LAYERS, memory_graph, model_of, write_encoder


def encoder(folder: Path, model: onnx.ModelProto, *layers: str) -> OnnxEncoder:
    write_encoder(folder / "e.onnx", model, dims=dict.fromkeys(layers, 3))
    return OnnxEncoder(folder / "e.onnx")


def colours(*then: onnx.NodeProto, **constants: Any) -> onnx.ModelProto:
    """Return a graph from the mean colour of an image to the output `projector` of the nodes `then`."""
    space = {"space": np.array([2, 3], np.int64), **constants}
    mean = helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0)
    return model_of([mean, *then], space, {"projector": 3})


def test_an_encoder_that_looks_at_each_image_alone_passes(tmp_path: Path) -> None:
    try_out(encoder(tmp_path, memory_graph(np.zeros((1, 3)), np.ones((1, 3))), *LAYERS))
    try_out(encoder(tmp_path, colours(helper.make_node("Identity", ["mean"], ["projector"])), "projector"))


@pytest.mark.parametrize("node", ["batch norm in training", "noise"])
def test_what_depends_on_the_batch_or_on_luck_is_refused(tmp_path: Path, node: str) -> None:
    ones, zeros = np.ones(3, np.float32), np.zeros(3, np.float32)
    norm = helper.make_node(
        "BatchNormalization", ["mean", "ones", "zeros", "zeros", "ones"], ["projector", "m", "v"], training_mode=1
    )
    noise = [
        helper.make_node("RandomUniformLike", ["mean"], ["noise"]),
        helper.make_node("Add", ["mean", "noise"], ["projector"]),
    ]
    model = colours(*noise) if node == "noise" else colours(norm, ones=ones, zeros=zeros)
    with pytest.raises(ArtefactError, match=r"another embedding at layer projector .* export it in eval mode"):
        try_out(encoder(tmp_path, model, "projector"))


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    log = helper.make_node("Log", ["minus"], ["projector"])
    minus = helper.make_node("Neg", ["mean"], ["minus"])
    with pytest.raises(MeasurementError, match="trial image 0 at layer projector is not finite"):
        try_out(encoder(tmp_path, colours(minus, log), "projector"))
