"""An ONNX encoder: pixels in, the embeddings of its layers out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.embeddings.card import read_card
from dejavu_tui.embeddings.scan import scan
from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError
from dejavu_tui.images.pixels import normalise
from dejavu_tui.records import EncoderCard
from dejavu_tui.text import safe_text

BATCH = 64
"""Images in a batch. It is fixed: how many images share a matrix product may decide the last bits of each."""
_FIX = "export or import the encoder again"


class OnnxEncoder:
    """The encoder in an ONNX file, checked against its card.

    It computes on the thread that calls it and may be called from several at once: no number of threads can
    change an embedding.
    """

    def __init__(self, path: Path) -> None:
        """Load the file at `path`. Raises ArtefactError: unsafe, damaged, or not what its card says."""
        import onnxruntime  # here, because what shows stored neighbours opens no encoder

        self.path = path
        self.card: EncoderCard = read_card(path)
        scan(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises types of its own that are not exported
            what = f"cannot be loaded ({safe_text(str(error), limit=160)})"
            raise ArtefactError(what, where=path, fix=_FIX) from None
        self.input_name = self._check_interface()

    def embed(
        self, pixels: NDArray[np.uint8], *, layers: Sequence[str], names: Sequence[str]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the embeddings (n, dims[layer]) of each of `layers` for `pixels` (n, size, size, 3), 0..255.

        Raises RequestError: a layer that the encoder has not; MeasurementError: a number that is not finite,
        naming the image by its entry in `names` (n).
        """
        self.check_layers(layers)
        inputs = normalise(pixels, mean=self.card.mean, std=self.card.std)  # (n, 3, size, size)
        try:
            outputs = self._session.run(list(layers), {self.input_name: inputs})
        except Exception as error:  # see __init__
            what = f"fails to compute ({safe_text(str(error), limit=160)})"
            raise ArtefactError(what, where=self.path, fix=_FIX) from None
        found = {}
        for layer, output in zip(layers, outputs, strict=True):
            if output.shape != (len(pixels), self.card.dims[layer]) or output.dtype != np.float32:
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
