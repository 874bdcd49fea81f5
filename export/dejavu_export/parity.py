"""Whether onnxruntime computes from the file what torch computes from the network."""

from dataclasses import dataclass

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
SAME_NEIGHBOURS = 0.999
BATCHES = (1, 7, 32)
_REAL_BATCH = 32
_FIX = "nothing was exported; try other versions of torch and onnxruntime, or another snapshot"
_K = 20


@dataclass(frozen=True)
class RealImages:
    """Images of the audit as the encoder sees them, uint8 (n, size, size, 3): of X, and crops that are attacked."""

    public: NDArray[np.uint8]
    crops: NDArray[np.uint8]


@dataclass(frozen=True)
class Parity:
    """How far onnxruntime is from torch.

    `errors`: for each layer max |torch - onnxruntime| over the root mean square of torch's outputs, the worst of
    all batches. `neighbours`: share of the 20 nearest images of X (of all, if it has fewer) that both find for each
    crop, at the layer where it is least; None: no real images were at hand.
    """

    errors: dict[str, float]
    neighbours: float | None = None


def measure_parity(
    model: bytes,
    encoder: Encoder | ForeignEncoder,
    *,
    size: int,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    real: RealImages | None = None,
) -> Parity:
    """Compare both on generated pictures in several batch sizes, and on `real` images if there are any."""
    both = _Both(model, encoder, mean, std)
    worst = dict.fromkeys(encoder.layers, 0.0)
    pictures = [_pictures(count, size=size) for count in BATCHES]
    if real is not None:
        pictures += _cut(real.public) + _cut(real.crops)
    seen = [both.run(batch) for batch in pictures]
    for expected, got in seen:
        for layer, ours, theirs in zip(encoder.layers, expected, got, strict=True):
            worst[layer] = max(worst[layer], _difference(ours, theirs))
    if real is None:
        return Parity(worst)
    of_real, public = seen[len(BATCHES) :], len(_cut(real.public))
    shares = [
        _same_neighbours(
            *(
                (
                    np.concatenate([one[side][place] for one in of_real[:public]]),
                    np.concatenate([one[side][place] for one in of_real[public:]]),
                )
                for side in (0, 1)
            )
        )
        for place in range(len(encoder.layers))
    ]
    return Parity(worst, min(shares))


def check_parity(parity: Parity) -> None:
    """Raise ParityError if a layer differs by more than TOLERANCE or is not finite, or if fewer neighbours than
    SAME_NEIGHBOURS are the same.
    """
    for layer, error in parity.errors.items():
        if not error <= TOLERANCE:
            raise ParityError(
                f"the exported graph differs by {error:.1e} of the root mean square (at most {TOLERANCE:g})",
                where=f"layer {layer}",
                fix=_FIX,
            )
    if parity.neighbours is not None and not parity.neighbours >= SAME_NEIGHBOURS:
        raise ParityError(
            f"the exported graph finds {parity.neighbours:.2%} of the neighbours that the network finds"
            f" (at least {SAME_NEIGHBOURS:.1%})",
            fix=_FIX,
        )


class _Both:
    """A network and the graph made of it."""

    def __init__(
        self,
        model: bytes,
        encoder: Encoder | ForeignEncoder,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        self._session, self._encoder, self._mean, self._std = _session(model), encoder, mean, std

    def run(self, pixels: NDArray[np.uint8]) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
        """Return what torch and what onnxruntime gives (n, dim) for each layer."""
        images = normalise(pixels, mean=self._mean, std=self._std)  # (n, 3, size, size)
        with torch.no_grad():
            expected = [output.numpy() for output in self._encoder(torch.from_numpy(images))]
        got = self._session.run(list(self._encoder.layers), {INPUT_NAME: images})
        return expected, [np.asarray(output) for output in got]


def _cut(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [pixels[start : start + _REAL_BATCH] for start in range(0, len(pixels), _REAL_BATCH)]


def _same_neighbours(
    one: tuple[NDArray[np.float32], NDArray[np.float32]], other: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> float:
    """Return the share of the nearest of the first that are among the nearest of the second; each of both are
    embeddings of X (n, dim) and of crops (m, dim).
    """
    near = [_nearest(*side) for side in (one, other)]
    same = [np.intersect1d(first, second).size for first, second in zip(*near, strict=True)]
    return float(sum(same) / near[0].size)


def _nearest(public: NDArray[np.float32], crops: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the places (m, k) of the nearest rows of `public`, squared Euclidean in float64."""
    images, queries = public.astype(np.float64), crops.astype(np.float64)
    squares = np.square(images).sum(axis=1) - 2 * queries @ images.T  # (m, n), less |query|^2
    k = min(_K, len(images))
    return np.argsort(squares, axis=1, kind="stable")[:, :k]


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
