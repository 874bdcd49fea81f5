"""Whether onnxruntime computes from the file what torch computes from the network."""

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.graph import INPUT_NAME
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import ParityError
from dejavu_tui.images.pixels import normalise
from dejavu_tui.seeds import generator

TOLERANCE = 1e-4
"""Of the root mean square of a layer's outputs."""
BATCHES = (1, 7, 32)


def measure_parity(
    model: bytes,
    encoder: Encoder | ForeignEncoder,
    *,
    size: int,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> dict[str, float]:
    """Return for each layer max |torch - onnxruntime| over the root mean square of torch's outputs, the worst
    of several batch sizes.
    """
    session = _session(model)
    worst = dict.fromkeys(encoder.layers, 0.0)
    for count in BATCHES:
        images = normalise(_pictures(count, size=size), mean=mean, std=std)  # (n, 3, size, size)
        with torch.no_grad():
            expected = [output.numpy() for output in encoder(torch.from_numpy(images))]
        got = session.run(list(encoder.layers), {INPUT_NAME: images})
        for layer, ours, theirs in zip(encoder.layers, expected, got, strict=True):
            worst[layer] = max(worst[layer], _difference(ours, np.asarray(theirs)))
    return worst


def check_parity(parity: dict[str, float]) -> None:
    """Raise ParityError if a layer differs by more than TOLERANCE, or is not finite."""
    for layer, error in parity.items():
        if not error <= TOLERANCE:
            raise ParityError(
                f"the exported graph differs by {error:.1e} of the root mean square (at most {TOLERANCE:g})",
                where=f"layer {layer}",
                fix="nothing was exported; try other versions of torch and onnxruntime, or another snapshot",
            )


def _difference(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Return the relative difference; infinite where shapes differ or a number is not finite."""
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    scale = float(np.sqrt(np.square(ours, dtype=np.float64).mean()))
    gap = float(np.abs(ours.astype(np.float64) - theirs).max())
    return gap / scale if scale > 0 else (0.0 if gap == 0 else float("inf"))


def _pictures(count: int, *, size: int) -> NDArray[np.uint8]:
    """Return images with the contrast of photographs: noise at several scales, from dark to light, uint8 NHWC."""
    rng = generator(0, "parity", count, size)
    levels = [2**power for power in range(1, 6) if 2**power <= size]
    total = np.zeros((count, size, size, 3))
    for cells in levels:
        coarse = rng.normal(size=(count, cells, cells, 3)) / np.sqrt(cells)
        places = np.arange(size) * cells // size
        total += coarse[:, places][:, :, places]
    light = rng.uniform(0.2, 0.8, size=(count, 1, 1, 3))
    return np.round(np.clip(light + 0.25 * total, 0, 1) * 255).astype(np.uint8)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
