"""A checkpoint from elsewhere to an ONNX file and its card, in the format that is named."""

import os
import tempfile
from pathlib import Path

from dejavu_export.foreign.asked import Asked, Brought
from dejavu_export.formats import load_format
from dejavu_tui.artefacts import sha256_file, write_atomically
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.embeddings.trial import try_out
from dejavu_tui.errors import DejavuError, RequestError
from dejavu_tui.records import EncoderCard


def export_checkpoint(
    checkpoint: str,
    *,
    format: str,  # noqa: A002  it is the option's name
    asked: Asked,
    out: Path,
    force: bool = False,
) -> tuple[EncoderCard, tuple[str, ...]]:
    """Write the encoder in `checkpoint` to `out` and its card to the `.json` beside it; return the card, and what
    of the checkpoint was left out.

    `checkpoint`: a file, or, where the format has such, the name of published weights that are on this machine.
    Nothing is written unless the file that is written does what its card says. What is there already stays, unless
    it is the same, or `force` replaces it.

    Raises RequestError: an unknown format or network, something that must be typed, or a place that is taken, by
    a folder or the checkpoint itself also with `force`; ContentError: the file cannot be trusted or is not of that
    format; ParityError: the graph computes something else than the network.
    """
    brings = load_format(format)
    if out.suffix != ".onnx" or not out.parent.is_dir():
        raise RequestError("is no place for an ONNX file", where=out, fix="name F.onnx in a folder that is there")
    places = (out, out.with_suffix(".json"))
    _check_places(places, Path(checkpoint))
    taken = [place for place in places if os.path.lexists(place)]
    if len(taken) == 1 and not force:
        raise _taken(taken[0])
    brought = brings.bring(checkpoint, asked)
    with tempfile.TemporaryDirectory(prefix=".dejavu-", dir=out.parent) as folder:
        made = Path(folder) / out.name
        card = _write(brought, made)
        for place in () if force else taken:
            if not place.is_file() or place.read_bytes() != made.with_suffix(place.suffix).read_bytes():
                raise _taken(place)
        _try_out(made, checkpoint)
    _write(brought, out)
    return card, brought.left_out


def _check_places(places: tuple[Path, ...], checkpoint: Path) -> None:
    """Raise RequestError if one of `places` is a folder, or the checkpoint."""
    for place in places:
        if place.is_dir():
            raise RequestError("is a folder", where=place, fix="name another --out")
        if place.exists() and checkpoint.exists() and place.samefile(checkpoint):
            raise RequestError("is the checkpoint itself", where=place, fix="name another --out")


def _taken(place: Path) -> RequestError:
    return RequestError("is there already", where=place, fix="name another --out, or replace it with --force")


def _try_out(made: Path, checkpoint: str) -> None:
    try:
        try_out(OnnxEncoder(made))
    except DejavuError as error:
        if error.where is not None and Path(error.where).is_relative_to(made.parent):
            error.where = checkpoint  # the file that was made is gone when this is read
        raise


def _write(brought: Brought, path: Path) -> EncoderCard:
    write_atomically(path, brought.model)
    card = brought.card.model_copy(update={"sha256": sha256_file(path)})
    write_atomically(path.with_suffix(".json"), f"{card.model_dump_json(by_alias=True, indent=1)}\n".encode())
    return card
