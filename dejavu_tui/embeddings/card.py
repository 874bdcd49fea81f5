"""The card beside an ONNX file, read and held against the file."""

import json
from pathlib import Path

from pydantic import ValidationError

from dejavu_tui.artefacts import sha256_file
from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import EncoderCard
from dejavu_tui.text import safe_text

MAX_BYTES = 1 << 20
_FIX = "export or import the encoder again"


def read_card(onnx_file: Path) -> EncoderCard:
    """Return the card `F.json` beside `F.onnx`, its `sha256` that of the file.

    Raises ArtefactError: no card, not a card (DESIGN 2.6), or it names another ONNX file's hash.
    """
    path = onnx_file.with_suffix(".json")
    if not onnx_file.is_file() or not path.is_file():
        missing = path if onnx_file.is_file() else onnx_file
        raise ArtefactError("is missing", where=missing, fix=_FIX)
    if path.stat().st_size > MAX_BYTES:
        raise ArtefactError("is too large for a card", where=path, fix=_FIX)
    try:
        card = EncoderCard.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        key = safe_text(".".join(str(part) for part in first["loc"]) or "card", limit=80)
        what = f"is no valid card ({key}: {safe_text(first['msg'], limit=120)})"
        raise ArtefactError(what, where=path, fix=_FIX) from None
    except (OSError, ValueError, RecursionError):
        raise ArtefactError("is not readable JSON", where=path, fix=_FIX) from None
    found = sha256_file(onnx_file)
    if card.sha256 not in (None, found):
        raise ArtefactError("is not the file that its card describes (other sha256)", where=onnx_file, fix=_FIX)
    return card.model_copy(update={"sha256": found})
