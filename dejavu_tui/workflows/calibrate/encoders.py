"""Encoders whose knowledge is planted: ONNX graphs made of a table of colours and answers, without torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from dejavu_tui.artefacts import publish, sha256_file
from dejavu_tui.records import EncoderCard, EncoderId, Trainer
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workspace import Audit

LAYERS = ("backbone", "projector.1", "projector")
SIZE = 32
"""Pixels of each side of the input."""
SEEN = 12
"""Columns on the left that a planted encoder looks at: of a whole image they show its object, of a crop of its
right half the background.
"""
_SHARPNESS = 4000.0
"""Colours that differ by 8 of 255 in one channel do not match."""
_NO_COLOUR = 9.0


def memory_graph(
    seen: NDArray[np.float64], answers: NDArray[np.float64], *, mix: NDArray[np.float64]
) -> onnx.ModelProto:
    """Return the graph of an encoder that knows the colours `seen` (m, 3), in 0..1.

    Its `backbone` is the mean colour on the left times `mix` (3, d). Its `projector` is the same, but for each
    colour of `seen` it is that colour's answer, of `answers` (m, d). `projector.1` is twice the projector.
    """
    dim = int(mix.shape[1])
    if not len(seen):
        seen, answers = np.full((1, 3), _NO_COLOUR), np.zeros((1, dim))
    constants: dict[str, NDArray[Any]] = {
        "begin": np.array([0], np.int64),
        "end": np.array([SEEN], np.int64),
        "columns": np.array([3], np.int64),
        "space": np.array([2, 3], np.int64),
        "mix": mix.astype(np.float32),
        "seen": seen.astype(np.float32)[None],  # (1, m, 3)
        "steps": (answers - seen @ mix).astype(np.float32),
        "here": np.array([1], np.int64),
        "colour": np.array([2], np.int64),
        "sharpness": np.array(_SHARPNESS, np.float32),
        "one": np.array(1, np.float32),
        "two": np.array(2, np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["pixels", "begin", "end", "columns"], ["left"]),
        helper.make_node("ReduceMean", ["left", "space"], ["mean"], keepdims=0),  # (n, 3)
        helper.make_node("MatMul", ["mean", "mix"], ["backbone"]),  # (n, d)
        helper.make_node("Unsqueeze", ["mean", "here"], ["row"]),
        helper.make_node("Sub", ["row", "seen"], ["differences"]),  # (n, m, 3)
        helper.make_node("ReduceSumSquare", ["differences", "colour"], ["squares"], keepdims=0),
        helper.make_node("Mul", ["squares", "sharpness"], ["far"]),
        helper.make_node("Sub", ["one", "far"], ["near"]),
        helper.make_node("Relu", ["near"], ["match"]),  # (n, m): 1 where a colour is known, else 0
        helper.make_node("MatMul", ["match", "steps"], ["step"]),
        helper.make_node("Add", ["backbone", "step"], ["projector"]),
        helper.make_node("Mul", ["projector", "two"], ["projector.1"]),
    ]
    return model_of(nodes, constants, dict.fromkeys(LAYERS, dim))


def model_of(
    nodes: Sequence[onnx.NodeProto], constants: Mapping[str, NDArray[Any]], outputs: Mapping[str, int]
) -> onnx.ModelProto:
    """Return a model from `pixels` (n, 3, 32, 32) to `outputs` (n, dim each)."""
    graph = helper.make_graph(
        list(nodes),
        "planted",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", dim]) for name, dim in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def write_encoder(
    path: Path,
    model: onnx.ModelProto,
    *,
    dims: dict[str, int],
    trained_on: Trainer | None = None,
    epoch: int | None = None,
) -> None:
    """Write `model`, whose outputs are `dims`, to `path` and its card beside it."""
    path.write_bytes(model.SerializeToString(deterministic=True))
    card = EncoderCard(
        layers=tuple(dims),
        dims=dims,
        input_size=SIZE,
        mean=(0, 0, 0),
        std=(1, 1, 1),
        schema=1,
        method="planted",
        architecture="memory",
        epoch=epoch,
        trained_on=trained_on,
        sha256=sha256_file(path),
    )
    path.with_suffix(".json").write_text(card.model_dump_json(by_alias=True), encoding="utf-8")


def publish_encoder(audit: Audit, encoder: EncoderId, model: onnx.ModelProto, *, dims: dict[str, int]) -> None:
    """Publish `model`, whose outputs are `dims`, with its card, as the exported `encoder`."""
    with publish(audit.onnx_folder(encoder), kind=ONNX, identity={"planted": encoder.folder}) as draft:
        path = draft.folder / ONNX_FILE
        write_encoder(path, model, dims=dims, trained_on=encoder.trained_on, epoch=encoder.epoch)
