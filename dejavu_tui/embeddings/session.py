"""An ONNX encoder: pixels in, the embeddings of its layers out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from dejavu_tui.embeddings.card import read_card
from dejavu_tui.embeddings.providers import CPU, find_provider
from dejavu_tui.embeddings.scan import scan
from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError
from dejavu_tui.images.pixels import normalise
from dejavu_tui.records import EncoderCard
from dejavu_tui.text import safe_text

BATCHING = "1048576 pixels, 8 to 64 images"
"""The rule of `batch_of`, for the identity of what is computed by it."""
_MOST, _LEAST = 64, 8
_PIXELS = 1 << 20
_MEMORY = ("failed to allocate", "bad_alloc", "bad allocation", "alloc_failed", "out of memory")
"""How onnxruntime says that memory is short, in its many ways."""
_FIX = "export or import the encoder again"


def batch_of(size: int) -> int:
    """Return how many images of `size` pixels a side share a batch: about a million pixels, 8 to 64 images.

    Nothing else decides it: how many images share a matrix product may decide the last bits of each.
    """
    return max(_LEAST, min(_MOST, 1 << max(0, (_PIXELS // size**2).bit_length() - 1)))


class OnnxEncoder:
    """The encoder in an ONNX file, checked against its card.

    On the processor it computes on the thread that calls it, and may be called from several at once: no number of
    threads can change an embedding.
    """

    def __init__(self, path: Path, *, provider: str = CPU) -> None:
        """Load the file at `path`. Raises ArtefactError: unsafe, damaged, or not what its card says.
        RequestError: `provider` is unknown, not installed, or does not start.
        """
        import onnxruntime  # here, because what shows stored neighbours opens no encoder

        self.path = path
        self.card: EncoderCard = read_card(path)
        self.largest: int | None = None
        """Images of a batch that memory was enough for, once it was too short for one; None: it never was."""
        opset = scan(path)
        name, how = find_provider(provider)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        chosen = [(name, how)] if provider == CPU else [(name, how), "CPUExecutionProvider"]
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=chosen)
        except Exception as error:  # onnxruntime raises types of its own that are not exported
            if opset is not None and opset > onnx.defs.onnx_opset_version():
                what = f"asks for version {opset} of the ONNX operators, which onnxruntime does not know"
                raise ArtefactError(what, where=path, fix="export it with opset 20") from None
            what = f"cannot be loaded ({safe_text(str(error), limit=160)})"
            raise ArtefactError(what, where=path, fix=_FIX) from None
        if self._session.get_providers()[0] != name:
            what = f"the provider {provider} does not start"
            raise RequestError(what, where=path, fix="look whether its libraries and driver are installed")
        self.input_name = self._check_interface()

    def embed(
        self, pixels: NDArray[np.uint8], *, layers: Sequence[str], names: Sequence[str]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the embeddings (n, dims[layer]) of each of `layers` for `pixels` (n, size, size, 3), 0..255.

        Raises as `run` does.
        """
        inputs = normalise(pixels, mean=self.card.mean, std=self.card.std)  # (n, 3, size, size)
        return self.run(inputs, layers=layers, names=names)

    def run(
        self, inputs: NDArray[np.float32], *, layers: Sequence[str], names: Sequence[str]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the embeddings (n, dims[layer]) of each of `layers` for normalised `inputs` (n, 3, size, size).

        Where memory is too short for them together they are done by halves, and `largest` says so.
        Raises RequestError: a layer that the encoder has not; MemoryError: too short even for one image;
        ArtefactError: it fails otherwise, or gives other shapes than its card says; MeasurementError: a number that
        is not finite, naming the image by its entry in `names` (n).
        """
        self.check_layers(layers)
        outputs = self._compute(inputs, list(layers))
        found = {}
        for layer, output in zip(layers, outputs, strict=True):
            if output.shape != (len(inputs), self.card.dims[layer]) or output.dtype != np.float32:
                what = f"layer {layer} gives {output.dtype} {output.shape}, not as its card says"
                raise ArtefactError(what, where=self.path, fix=_FIX)
            finite = np.isfinite(output).all(axis=1)
            if not finite.all():
                image = safe_text(names[int(np.argmin(finite))])
                raise MeasurementError(
                    f"the embedding of {image} at layer {layer} is not finite",
                    where=self.path,
                    fix="look at the training log, or choose another snapshot",
                )
            found[layer] = output
        return found

    def _compute(self, inputs: NDArray[np.float32], layers: list[str]) -> list[NDArray[np.float32]]:
        """Return what the graph gives; in as many runs as memory asks for."""
        if self.largest is not None and len(inputs) > self.largest:
            return self._by_halves(inputs, layers)
        try:
            outputs: list[NDArray[np.float32]] = self._session.run(layers, {self.input_name: inputs})
        except Exception as error:  # see __init__
            if not isinstance(error, MemoryError) and not any(word in str(error).lower() for word in _MEMORY):
                what = f"fails to compute ({safe_text(str(error), limit=160)})"
                raise ArtefactError(what, where=self.path, fix=_FIX) from None
            if len(inputs) == 1:
                raise MemoryError(f"too little memory for one image under {self.path}") from None
            self.largest = len(inputs) // 2
            return self._by_halves(inputs, layers)
        return outputs

    def _by_halves(self, inputs: NDArray[np.float32], layers: list[str]) -> list[NDArray[np.float32]]:
        half = len(inputs) // 2
        parts = [self._compute(part, layers) for part in (inputs[:half], inputs[half:])]
        return [np.concatenate(both) for both in zip(*parts, strict=True)]

    def check_layers(self, layers: Sequence[str]) -> None:
        """Raise RequestError if the encoder has not all of `layers`."""
        for layer in layers:
            if layer not in self.card.layers:
                known = safe_text(", ".join(self.card.layers), limit=200)
                raise RequestError(
                    f"no layer '{safe_text(layer, limit=80)}'",
                    where=self.path,
                    fix=f"there are: {known}; name one with --layer",
                )

    def _check_interface(self) -> str:
        """Return the name of the input. Raises ArtefactError: other inputs or outputs than the card's."""
        inputs = self._session.get_inputs()
        outputs = {output.name for output in self._session.get_outputs()}
        if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
            raise ArtefactError("does not take one float32 NCHW input", where=self.path, fix=_FIX)
        if not outputs >= set(self.card.layers) or self.card.input_name not in (None, inputs[0].name):
            raise ArtefactError("has other inputs or outputs than its card says", where=self.path, fix=_FIX)
        return str(inputs[0].name)
