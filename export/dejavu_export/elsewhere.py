"""A checkpoint from elsewhere to an ONNX file and its card, in the format that is named."""

import tempfile
from pathlib import Path

from dejavu_export.foreign.asked import Asked, Brought
from dejavu_export.formats import load_format
from dejavu_tui.artefacts import sha256_file, write_atomically
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.embeddings.trial import try_out
from dejavu_tui.errors import RequestError
from dejavu_tui.records import EncoderCard


def export_checkpoint(
    checkpoint: str,
    *,
    format: str,  # noqa: A002  it is the option's name
    asked: Asked,
    out: Path,
) -> tuple[EncoderCard, tuple[str, ...]]:
    """Write the encoder in `checkpoint` to `out` and its card to the `.json` beside it; return the card, and what
    of the checkpoint was left out.

    `checkpoint`: a file, or, where the format has such, the name of published weights that are on this machine.
    Nothing is written unless the file that is written does what its card says.

    Raises RequestError: an unknown format or network, or something that must be typed; ContentError: the file
    cannot be trusted or is not of that format; ParityError: the graph computes something else than the network.
    """
    brings = load_format(format)
    if out.suffix != ".onnx" or not out.parent.is_dir():
        raise RequestError("is no place for an ONNX file", where=out, fix="name F.onnx in a folder that is there")
    brought = brings.bring(checkpoint, asked)
    with tempfile.TemporaryDirectory(prefix=".dejavu-", dir=out.parent) as folder:
        card = _write(brought, Path(folder) / out.name)
        try_out(OnnxEncoder(Path(folder) / out.name))
    _write(brought, out)
    return card, brought.left_out


def _write(brought: Brought, path: Path) -> EncoderCard:
    write_atomically(path, brought.model)
    card = brought.card.model_copy(update={"sha256": sha256_file(path)})
    write_atomically(path.with_suffix(".json"), f"{card.model_dump_json(by_alias=True, indent=1)}\n".encode())
    return card
