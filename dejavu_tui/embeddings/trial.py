"""An encoder from elsewhere is tried out: each image must get its own embedding, whatever shares its batch."""

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.errors import ArtefactError, MeasurementError
from dejavu_tui.seeds import generator

TOLERANCE = 1e-3
"""Of the root mean square of a layer's embeddings; far above what the order of additions changes."""
_IMAGES = 3


def try_out(encoder: OnnxEncoder) -> None:
    """Embed a few images alone and together at every layer.

    Raises ArtefactError: it fails, gives other shapes than its card says, or gives an image another embedding in
    other company, as a network in training mode does. MeasurementError: a number that is not finite.
    """
    size = encoder.card.input_size
    pixels = generator(0, "trial", size).integers(0, 256, (_IMAGES, size, size, 3), dtype=np.uint8)
    names = [f"trial image {place}" for place in range(_IMAGES)]
    layers = encoder.card.layers
    together = encoder.embed(pixels, layers=layers, names=names)
    alone = [
        encoder.embed(pixels[place : place + 1], layers=layers, names=names[place : place + 1])
        for place in range(_IMAGES)
    ]
    for layer in layers:
        if _differs(together[layer], np.concatenate([one[layer] for one in alone])):
            raise ArtefactError(
                f"gives an image another embedding at layer {layer} when other images are in the batch",
                where=encoder.path,
                fix="export it in eval mode: batch norm and dropout must not train",
            )


def check_provider(encoder: OnnxEncoder, *, provider: str) -> None:
    """Raise MeasurementError if `encoder`, which computes on `provider`, gives a few images other embeddings than
    the processor does: some devices take fewer bits than float32 has.
    """
    usual = OnnxEncoder(encoder.path)
    size = encoder.card.input_size
    pixels = generator(0, "trial", size).integers(0, 256, (_IMAGES, size, size, 3), dtype=np.uint8)
    names = [f"trial image {place}" for place in range(_IMAGES)]
    here, there = (one.embed(pixels, layers=encoder.card.layers, names=names) for one in (usual, encoder))
    for layer in encoder.card.layers:
        if _differs(here[layer], there[layer]):
            raise MeasurementError(
                f"the provider {provider} gives other embeddings at layer {layer} than the processor",
                where=encoder.path,
                fix="choose --providers cpu",
            )


def _differs(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    scale = float(np.sqrt(np.square(one, dtype=np.float64).mean()))
    return float(np.abs(one.astype(np.float64) - other).max()) > TOLERANCE * scale
