from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from dejavu_tui.embeddings.session import OnnxEncoder, batch_of
from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError
from tests.data.planted import LAYERS, SIZE, memory_graph, model_of, write_encoder

PIXELS = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)
NAMES = [f"image {place}" for place in range(5)]


def written(folder: Path, model: onnx.ModelProto, dims: dict[str, int]) -> Path:
    path = folder / "encoder.onnx"
    write_encoder(path, model, dims=dims)
    return path


@pytest.fixture
def encoder(tmp_path: Path) -> OnnxEncoder:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    return OnnxEncoder(written(tmp_path, model, dict.fromkeys(LAYERS, 3)))


def test_layers_asked_are_given(encoder: OnnxEncoder) -> None:
    found = encoder.embed(PIXELS, layers=["projector", "backbone"], names=NAMES)
    expected = (PIXELS[:, :, :12] / 255).mean(axis=(1, 2))  # the mean colour on the left
    assert list(found) == ["projector", "backbone"]
    assert found["backbone"] == pytest.approx(expected, abs=1e-6)
    assert found["backbone"].dtype == np.float32


def test_threads_and_repetition_change_nothing(encoder: OnnxEncoder) -> None:
    def embed(_: int) -> bytes:
        return encoder.embed(PIXELS, layers=["projector"], names=NAMES)["projector"].tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(embed, range(20)))) == 1


def test_an_unknown_layer_is_refused(encoder: OnnxEncoder) -> None:
    with pytest.raises(RequestError, match=r"projector\.1"):
        encoder.embed(PIXELS, layers=["projector.7"], names=NAMES)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_names_the_image(tmp_path: Path, bad: float) -> None:
    constants: dict[str, NDArray[Any]] = {
        "space": np.array([1, 2, 3], np.int64),
        "bad": np.array(bad, np.float32),
        "fine": np.array(0, np.float32),
        "limit": np.array(0.9, np.float32),
        "shape": np.array([-1, 1], np.int64),
    }
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "space"], ["mean"]),
        helper.make_node("Greater", ["mean", "limit"], ["white"]),
        helper.make_node("Where", ["white", "bad", "fine"], ["some"]),
        helper.make_node("Reshape", ["some", "shape"], ["projector"]),
    ]
    encoder = OnnxEncoder(written(tmp_path, model_of(nodes, constants, {"projector": 1}), {"projector": 1}))
    pixels = PIXELS.copy()
    pixels[3] = 255
    with pytest.raises(MeasurementError, match="image 3 at layer projector is not finite"):
        encoder.embed(pixels, layers=["projector"], names=NAMES)


def test_outputs_that_the_card_does_not_describe_are_refused(tmp_path: Path) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    with pytest.raises(ArtefactError, match="other inputs or outputs"):
        OnnxEncoder(written(tmp_path, model, {"head": 3}))
    encoder = OnnxEncoder(written(tmp_path, model, dict.fromkeys(LAYERS, 4)))
    with pytest.raises(ArtefactError, match="not as its card says"):
        encoder.embed(PIXELS, layers=["projector"], names=NAMES)


def test_a_file_is_looked_through_before_it_is_loaded(tmp_path: Path) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    (tmp_path / "weights").write_bytes(bytes(4))
    far = onnx.TensorProto(name="far", data_type=onnx.TensorProto.FLOAT, dims=[1], data_location="EXTERNAL")
    far.external_data.add(key="location", value="weights")
    model.graph.initializer.append(far)
    with pytest.raises(ArtefactError, match="weights in another file") as caught:
        OnnxEncoder(written(tmp_path, model, dict.fromkeys(LAYERS, 3)))
    assert caught.value.exit_code == 3


def test_a_graph_that_does_not_load_is_refused(tmp_path: Path) -> None:
    model = model_of([helper.make_node("Relu", ["nowhere"], ["projector"])], {}, {"projector": 1})
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        OnnxEncoder(written(tmp_path, model, {"projector": 1}))


class Cramped:
    """A session that has memory for batches of `room` images only."""

    def __init__(self, session: Any, room: int, *, said: str) -> None:
        self.session, self.room, self.said = session, room, said
        self.sizes: list[int] = []

    def run(self, layers: list[str], inputs: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        (images,) = inputs.values()
        self.sizes.append(len(images))
        if len(images) > self.room:
            raise RuntimeError(self.said)
        given: list[NDArray[np.float32]] = self.session.run(layers, inputs)
        return given


@pytest.mark.parametrize(
    "said",
    [
        "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : BFCArena: Failed to allocate memory for requested buffer",
        "std::bad_alloc",
        "CUDNN_STATUS_ALLOC_FAILED",
        "CUDA failure 2: out of memory",
    ],
)
def test_where_memory_is_short_batches_are_halved(encoder: OnnxEncoder, said: str) -> None:
    expected = encoder.embed(PIXELS, layers=LAYERS, names=NAMES)
    session = Cramped(encoder._session, 1, said=said)
    encoder._session = session
    assert encoder.largest is None
    for _ in range(2):
        found = encoder.embed(PIXELS, layers=LAYERS, names=NAMES)
        for layer in LAYERS:
            assert found[layer] == pytest.approx(expected[layer], abs=1e-6)
    assert encoder.largest == 1
    assert session.sizes == [5, 2, 1, 1, 1, 1, 1, *([1] * 5)], "what was too large once is not tried again"
    session.room = 0
    with pytest.raises(MemoryError, match="too little memory for one image"):
        encoder.embed(PIXELS, layers=LAYERS, names=NAMES)


def test_other_failures_are_no_reason_to_halve(encoder: OnnxEncoder) -> None:
    session = Cramped(encoder._session, 0, said="shape mismatch")
    encoder._session = session
    with pytest.raises(ArtefactError, match="fails to compute"):
        encoder.embed(PIXELS, layers=LAYERS, names=NAMES)
    assert session.sizes == [5]


@pytest.mark.parametrize(
    ("size", "batch"), [(1, 64), (32, 64), (96, 64), (128, 64), (160, 32), (224, 16), (448, 8), (4096, 8)]
)
def test_a_batch_is_about_a_million_pixels(size: int, batch: int) -> None:
    assert batch_of(size) == batch


def test_a_provider_is_known_and_here(encoder: OnnxEncoder) -> None:
    with pytest.raises(RequestError, match="no provider 'gpu'"):
        OnnxEncoder(encoder.path, provider="gpu")
    with pytest.raises(RequestError, match="the provider coreml is not installed here"):
        OnnxEncoder(encoder.path, provider="coreml")


@pytest.mark.parametrize(
    ("opset", "said"),
    [(5, "cannot be loaded"), (99, "asks for version 99 of the ONNX operators, which onnxruntime does not know")],
)
def test_operators_that_onnxruntime_does_not_know_are_refused(tmp_path: Path, opset: int, said: str) -> None:
    nodes = [helper.make_node("ReduceMean", ["pixels", "space"], ["backbone"], keepdims=0)]
    model = model_of(nodes, {"space": np.array([2, 3], np.int64)}, {"backbone": 3})
    model.opset_import[0].version = opset
    with pytest.raises(ArtefactError, match=said) as caught:
        OnnxEncoder(written(tmp_path, model, {"backbone": 3}))
    assert caught.value.exit_code == 3


def test_other_shapes_than_the_card_says_are_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("ReduceMean", ["pixels", "space"], ["backbone"], keepdims=0)]
    model = model_of(nodes, {"space": np.array([2, 3], np.int64)}, {"backbone": 3})
    encoder = OnnxEncoder(written(tmp_path, model, {"backbone": 4}))
    with pytest.raises(ArtefactError, match=r"layer backbone gives float32 \(5, 3\), not as its card says"):
        encoder.embed(PIXELS, layers=["backbone"], names=NAMES)
