"""An ONNX file is looked through before onnxruntime may load it: it must stand alone and run no foreign code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

from dejavu_tui.errors import ArtefactError
from dejavu_tui.text import safe_text

MAX_BYTES = 2**31 - 1
"""Protobuf's own limit."""
_STANDARD = ("", "ai.onnx")
_LOOPS = ("Loop", "Scan")
_FIX = "export it again as one file of standard operators"


def scan(path: Path) -> int | None:
    """Look through the ONNX file at `path`; return the version of the standard operators that it asks for.

    Raises ArtefactError: it does not parse, keeps data in another file (anywhere, also in subgraphs, functions
    and sparse tensors), uses operators outside the ONNX standard, or has a loop.
    """
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise ArtefactError("is not a regular ONNX file below 2 GiB", where=path, fix=_FIX)
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except Exception:  # protobuf's error has no public type
        raise ArtefactError("is not an ONNX file", where=path, fix=_FIX) from None
    own = {(function.domain, function.name) for function in model.functions}
    for message in _messages(model):
        if isinstance(message, onnx.TensorProto) and (message.external_data or message.data_location):
            raise ArtefactError("keeps weights in another file", where=path, fix=_FIX)
        if not isinstance(message, onnx.NodeProto):
            continue
        if message.domain in _STANDARD:
            if message.op_type in _LOOPS:
                raise ArtefactError("has a loop, which may never end", where=path, fix=_FIX)
        elif (message.domain, message.op_type) not in own:
            name = safe_text(f"{message.domain}::{message.op_type}", limit=80)
            raise ArtefactError(f"uses the operator {name}", where=path, fix=_FIX)
    return next((int(used.version) for used in model.opset_import if used.domain in _STANDARD), None)


def _messages(model: onnx.ModelProto) -> Iterator[Any]:
    """Yield `model` and every message inside it, whatever field it hides in."""
    pending: list[Any] = [model]
    while pending:
        one = pending.pop()
        yield one
        for field, value in one.ListFields():
            if field.message_type is not None:
                pending.extend([value] if hasattr(value, "ListFields") else value)
