from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from dejavu_export.int8 import most_changed, quantised
from dejavu_tui.embeddings.scan import scan
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.errors import ArtefactError
from dejavu_tui.images.pixels import normalise
from tests.data.convolved import WIDTHS, convolved
from tests.data.planted import SIZE, model_of, write_encoder

PIXELS = np.random.default_rng(0).integers(0, 256, (60, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def encoder(tmp_path: Path) -> OnnxEncoder:
    path = tmp_path / "encoder.onnx"
    write_encoder(path, convolved(0), dims=WIDTHS)
    return OnnxEncoder(path)


def run(model: bytes, encoder: OnnxEncoder) -> dict[str, NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    images = normalise(PIXELS, mean=encoder.card.mean, std=encoder.card.std)
    return dict(zip(WIDTHS, session.run(list(WIDTHS), {encoder.input_name: images}), strict=True))


def test_it_is_near_what_it_was_and_not_the_same(encoder: OnnxEncoder) -> None:
    whole = encoder.embed(PIXELS, layers=list(WIDTHS), names=[""] * len(PIXELS))
    rounded = run(quantised(encoder.path, encoder.card, PIXELS), encoder)
    for layer, expected in whole.items():
        spread = expected - expected.mean(axis=0)
        error = np.sqrt(np.square(rounded[layer] - expected).mean() / np.square(spread).mean())
        assert 0 < error < 0.15


def test_first_convolution_and_projector_stay_in_float32_and_the_others_do_not(encoder: OnnxEncoder) -> None:
    graph = onnx.load_model_from_string(quantised(encoder.path, encoder.card, PIXELS)).graph
    types = {one.name: one.data_type for one in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    weights = {}
    for node in graph.node:
        if node.op_type in ("Conv", "MatMul"):
            made = makers.get(node.input[1])
            weights[node.input[0]] = types[node.input[1] if made is None else made.input[0]]
    assert list(weights.values()) == [
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.INT8,
        onnx.TensorProto.INT8,
        onnx.TensorProto.FLOAT,
    ]
    scales = [numpy_helper.to_array(one).size for one in graph.initializer if one.name.endswith("_scale")]
    assert {16, 24} <= set(scales), "a scale for each channel"


def test_the_same_images_give_the_same_safe_bytes(encoder: OnnxEncoder, tmp_path: Path) -> None:
    one, other = (quantised(encoder.path, encoder.card, PIXELS) for _ in range(2))
    assert one == other
    assert one != quantised(encoder.path, encoder.card, PIXELS[:20])
    path = tmp_path / "int8.onnx"
    path.write_bytes(one)
    assert scan(path) is not None
    assert str(tmp_path).encode() not in one


def test_the_layer_that_loses_most_is_named(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    write_encoder(path, convolved(0, outlier=300.0), dims=WIDTHS)
    encoder = OnnxEncoder(path)
    blamed = most_changed(path, quantised(path, encoder.card, PIXELS), encoder.card, PIXELS)
    (layer, ratio), *others = blamed
    assert layer in ("Relu relu 2", "Conv second")
    assert all(ratio <= other for _, other in others)


def test_what_has_nothing_to_quantise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    mean = [helper.make_node("ReduceMean", ["pixels", "space"], ["backbone"], keepdims=0)]
    write_encoder(
        path, model_of(mean, {"space": np.array([2, 3], np.int64)}, {"backbone": 3}), dims={"backbone": 3}
    )
    encoder = OnnxEncoder(path)
    with pytest.raises(ArtefactError, match="has no layer to quantise; use the float32 encoder"):
        quantised(path, encoder.card, PIXELS)


def test_it_says_nothing(encoder: OnnxEncoder, capfd: pytest.CaptureFixture[str]) -> None:
    model = quantised(encoder.path, encoder.card, PIXELS)
    most_changed(encoder.path, model, encoder.card, PIXELS)
    assert capfd.readouterr() == ("", "")
