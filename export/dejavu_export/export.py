"""A snapshot to an ONNX file and its card, only if torch and onnxruntime agree."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from dejavu_export.graph import INPUT_NAME, OPSET, encoder_graph
from dejavu_export.parity import RealImages, check_parity, measure_parity
from dejavu_tui.artefacts import write_atomically
from dejavu_tui.encoders.checkpoints import read_encoder
from dejavu_tui.records import EncoderCard


def export(
    snapshot: Path, onnx_file: Path, *, real: Callable[[int], RealImages | None] | None = None
) -> EncoderCard:
    """Write the encoder of the folder `snapshot` to `onnx_file`, and its card to the `.json` beside it.

    `real` gives real images of the size that the encoder takes, to compare on.
    Raises ArtefactError: the snapshot is damaged. ParityError: the graph computes something else; nothing is
    written then.
    """
    encoder, made = read_encoder(snapshot)
    model = encoder_graph(encoder, made)
    images = None if real is None else real(made.input_size)
    parity = measure_parity(model, encoder, size=made.input_size, mean=made.mean, std=made.std, real=images)
    check_parity(parity)
    card = EncoderCard(
        layers=encoder.layers,
        dims=encoder.dims,
        input_size=made.input_size,
        mean=made.mean,
        std=made.std,
        method=made.method,
        architecture=made.architecture,
        epoch=made.epoch,
        trained_on=made.trained_on,
        train_size=made.train_size,
        input_name=INPUT_NAME,
        precision="fp32",
        opset=OPSET,
        sha256=hashlib.sha256(model).hexdigest(),
        parity=parity.errors,
        agreement=None if parity.neighbours is None else {"neighbours": parity.neighbours},
    )
    write_atomically(onnx_file, model)
    text = card.model_dump_json(by_alias=True, indent=1) + "\n"
    write_atomically(onnx_file.with_suffix(".json"), text.encode())
    return card
