"""Encoders of two convolutions and a projector, with weights drawn by chance: what can be quantised."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from dejavu_tui.records import EncoderId, Trainer
from dejavu_tui.workspace import Audit
from tests.data.planted import model_of, publish_encoder

WIDTHS = {"backbone": 24, "projector": 16}


def convolved(seed: int, *, outlier: float = 1.0) -> onnx.ModelProto:
    """Return the graph; its weights that lead to an inner channel are `outlier` times as large, and those that lead
    on from it as much smaller, which decides nothing in float32.
    """
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> NDArray[np.float32]:
        weights: NDArray[np.float32] = (rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
        return weights

    weights: dict[str, NDArray[Any]] = {
        "one": drawn(12, 3, 3, 3),
        "two": drawn(16, 12, 3, 3),
        "three": drawn(24, 16, 3, 3),
        "out": drawn(16, 24).T.copy(),
        "space": np.array([2, 3], np.int64),
    }
    weights["two"][0] *= outlier
    weights["three"][:, 0] /= outlier
    wide: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}
    nodes = [
        helper.make_node("Conv", ["pixels", "one"], ["a"], name="first", **wide),
        helper.make_node("Relu", ["a"], ["b"], name="relu 1"),
        helper.make_node("Conv", ["b", "two"], ["c"], name="second", **wide),
        helper.make_node("Relu", ["c"], ["d"], name="relu 2"),
        helper.make_node("Conv", ["d", "three"], ["e"], **wide),  # without a name, as some exporters leave it
        helper.make_node("Relu", ["e"], ["f"], name="relu 3"),
        helper.make_node("ReduceMean", ["f", "space"], ["backbone"], name="mean", keepdims=0),
        helper.make_node("MatMul", ["backbone", "out"], ["projector"], name="projector"),
    ]
    return model_of(nodes, weights, WIDTHS)


def convolve(audit: Audit, epoch: int, *, outlier: float = 1.0) -> None:
    """Publish such encoders as exported SSL_A and SSL_B of `epoch`."""
    trainers: tuple[Trainer, ...] = ("A", "B")
    for seed, trainer in enumerate(trainers):
        encoder = EncoderId("planted", trainer, epoch)
        publish_encoder(audit, encoder, convolved(seed, outlier=outlier), dims=WIDTHS)
