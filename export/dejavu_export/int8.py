"""An ONNX encoder in 8-bit integers: an approximation for screening, several times as fast. Needs no torch.

Static quantisation of onnxruntime (QDQ): weights signed and per channel, activations unsigned, their ranges the
least and greatest values that calibration images give. In float32 stay the first convolution, which sees the pixels
and costs little, and all behind the backbone, where each rounding reaches the embedding as it is.
"""

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.qdq_loss_debug import (
    collect_activations,
    compute_activation_error,
    create_activation_matching,
    modify_model_output_intermediate_tensors,
)

from dejavu_tui.errors import ArtefactError
from dejavu_tui.images.pixels import normalise
from dejavu_tui.records import EncoderCard
from dejavu_tui.text import safe_text

BACKBONE = "backbone"
_OPERATORS = ("Conv", "Relu", "Clip", "Add", "MaxPool", "MatMul", "Gemm")
_WEIGHED = ("Conv", "MatMul", "Gemm")
_BATCH = 16
_BLAMED, _LOOKED_AT = 3, 8


def quantised(path: Path, card: EncoderCard, pixels: NDArray[np.uint8]) -> bytes:
    """Return the float32 encoder at `path` as an int8 ONNX model, calibrated on `pixels` (n, size, size, 3).

    Raises ArtefactError: there is nothing in it to quantise, or onnxruntime cannot.
    """
    whole = onnx.load(path)
    for place, node in enumerate(whole.graph.node):
        node.name = node.name or f"{node.op_type}_{place}"  # whoever exported it: operators are named below
    kept = _in_float32(whole.graph)
    if all(node.op_type not in _WEIGHED or node.name in kept for node in whole.graph.node):
        raise ArtefactError("has no layer to quantise", where=path, fix="use the float32 encoder")
    with _quiet(), tempfile.TemporaryDirectory(prefix="dejavu-") as folder:
        made = Path(folder) / "int8.onnx"
        try:
            quantize_static(
                whole,
                str(made),
                _Images(path, card, pixels),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(_OPERATORS),
                nodes_to_exclude=sorted(kept),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
        except Exception as error:  # its own errors have no common type
            what = f"cannot be quantised ({safe_text(str(error), limit=160)})"
            raise ArtefactError(what, where=path, fix="use the float32 encoder") from None
        data: bytes = onnx.load(made).SerializeToString(deterministic=True)
    return data


def most_changed(
    path: Path, model: bytes, card: EncoderCard, pixels: NDArray[np.uint8]
) -> tuple[tuple[str, float], ...]:
    """Return the layers of the encoder at `path` whose own quantisation in `model` does most harm, the worst first:
    the operator that gives it, and its ratio of signal to noise in dB, on some of `pixels`.
    """
    makers = {output: node for node in onnx.load(path).graph.node for output in node.output}
    with _quiet(), tempfile.TemporaryDirectory(prefix="dejavu-") as folder:
        whole, rounded = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        rounded.write_bytes(model)
        modify_model_output_intermediate_tensors(str(path), str(whole))
        modify_model_output_intermediate_tensors(str(rounded), str(rounded))
        few = pixels[:: max(1, len(pixels) // _LOOKED_AT)][:_LOOKED_AT]
        seen = [collect_activations(str(one), _Images(path, card, few, batch=1)) for one in (whole, rounded)]
        errors = compute_activation_error(create_activation_matching(seen[1], seen[0]))
    own = {name: float(error["qdq_err"]) for name, error in errors.items() if name in makers}
    worst = sorted(own, key=lambda name: own[name])[:_BLAMED]
    return tuple((f"{makers[name].op_type} {safe_text(makers[name].name, limit=60)}", own[name]) for name in worst)


def _in_float32(graph: onnx.GraphProto) -> set[str]:
    """Return the names of the operators that stay in float32; each of `graph` has a name of its own."""
    makers = {output: node for node in graph.node for output in node.output}
    kept = set()
    if BACKBONE in makers:
        before, pending = set(), [BACKBONE]
        while pending:
            node = makers.get(pending.pop())
            if node is not None and node.name not in before:
                before.add(node.name)
                pending += node.input
        kept = {node.name for node in graph.node} - before
    first = next((node.name for node in graph.node if node.op_type == "Conv"), None)
    return kept | ({first} if first is not None else set())


class _Images(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Batches of images, as onnxruntime asks for them."""

    def __init__(self, path: Path, card: EncoderCard, pixels: NDArray[np.uint8], *, batch: int = _BATCH) -> None:
        self._name = card.input_name or onnx.load(path).graph.input[0].name
        self._batches: Iterator[NDArray[np.float32]] = (
            normalise(pixels[start : start + batch], mean=card.mean, std=card.std)  # (m, 3, size, size)
            for start in range(0, len(pixels), batch)
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next batch by the name of the input, None at the end."""
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the talk of the library from stderr; what goes wrong is raised all the same."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)
