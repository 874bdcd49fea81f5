"""A bare ONNX file, whoever exported it: it gets a card, and its outputs the names of layers. Needs no torch model.

Each output of two dimensions is a layer of its own name, unless some are named as `LAYER=OUTPUT`. The size is read
from the input if that is fixed there.
"""

from collections.abc import Mapping
from pathlib import Path
from re import fullmatch

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from dejavu_export.foreign.asked import Asked, Brought, Known, card_of, settle
from dejavu_tui.config import NAME_PATTERN
from dejavu_tui.embeddings.scan import scan
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.records import MAX_LAYERS, MAX_SIZE
from dejavu_tui.text import safe_text

_FIX = "export it as float32 NCHW images to outputs (n, dim)"


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return the file with a card. Raises RequestError: no such file or output; ArtefactError: as `scan` does, or
    it is no encoder.
    """
    where = Path(checkpoint)
    if not where.is_file():
        raise RequestError("no such file", where=where, fix="name the ONNX file with --checkpoint")
    opset = scan(where)
    model = onnx.load_model(where, load_external_data=False)
    facts = settle(asked, Known(size=_size(model, where=where)))
    chosen = _layers(model, asked.layers, where=where)
    _rename(model, chosen, where=where)
    data = model.SerializeToString(deterministic=True)
    dims, name = _tried(data, tuple(chosen), facts.size, where=where)
    return Brought(data, card_of(facts, asked, dims=dims, layers=tuple(chosen), input_name=name, opset=opset))


def _size(model: onnx.ModelProto, *, where: Path) -> int | None:
    """Return the side of the square images that the first input is fixed to, if it is.

    Raises ArtefactError: it is larger than a card can say.
    """
    sides = (
        [side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim] if model.graph.input else []
    )
    if len(sides) != 4 or sides[2] != sides[3] or sides[2] <= 0:
        return None
    if sides[2] > MAX_SIZE:
        what = f"takes images of {sides[2]} pixels a side, more than {MAX_SIZE:,}"
        raise ArtefactError(what, where=where, fix="export it for smaller images")
    return int(sides[2])


def _layers(model: onnx.ModelProto, typed: Mapping[str, str], *, where: Path) -> dict[str, str]:
    """Return the output of each layer.

    Raises RequestError: no such output, one whose name is no layer's, or too many. ArtefactError: it has none.
    """
    outputs = [output.name for output in model.graph.output]
    listed = safe_text(", ".join(outputs), limit=200)
    if not outputs:
        raise ArtefactError("has no output", where=where, fix=_FIX)
    if len(typed or outputs) > MAX_LAYERS:
        what = f"{len(typed or outputs)} outputs are more than the {MAX_LAYERS} layers that a card can name"
        raise RequestError(what, where=where, fix="name fewer: --layer projector=OUTPUT")
    for layer, output in typed.items():
        if output not in outputs:
            what = f"no output '{safe_text(output, limit=80)}'"
            raise RequestError(what, where=where, fix=f"there are: {listed}")
        if not fullmatch(NAME_PATTERN, layer):
            what = f"no layer can be called '{safe_text(layer, limit=80)}'"
            raise RequestError(what, where="--layer", fix="call it backbone or projector")
    if typed:
        return dict(typed)
    if not all(fullmatch(NAME_PATTERN, output) for output in outputs):
        raise RequestError(
            f"its outputs are called {listed}", where=where, fix="name layers: --layer projector=OUTPUT"
        )
    return {output: output for output in outputs}


def _rename(model: onnx.ModelProto, chosen: Mapping[str, str], *, where: Path) -> None:
    """Leave the outputs `chosen` only, each under its layer's name.

    Raises RequestError: the graph has that name for something else.
    """
    graph = model.graph
    used = {name for node in graph.node for name in node.output}
    used |= {one.name for one in (*graph.input, *graph.initializer)}
    by_name = {output.name: output for output in graph.output}
    kept = []
    for layer, output in chosen.items():
        given = onnx.ValueInfoProto()
        given.CopyFrom(by_name[output])
        given.name = layer
        kept.append(given)
        if layer == output:
            continue
        if layer in used:
            what = f"has something else of the name '{layer}'"
            raise RequestError(what, where=where, fix="choose another name with --layer, or export it anew")
        graph.node.append(helper.make_node("Identity", [output], [layer]))
    del graph.output[:]
    graph.output.extend(kept)


def _tried(data: bytes, layers: tuple[str, ...], size: int, *, where: Path) -> tuple[dict[str, int], str]:
    """Return the width of each layer for two images of `size`, and the name of the input."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        name = _input(session, where=where)
        outputs = session.run(list(layers), {name: np.zeros((2, 3, size, size), np.float32)})
    except ArtefactError:
        raise
    except Exception as error:  # onnxruntime raises types of its own that are not exported
        why = safe_text(str(error), limit=160)
        raise ArtefactError(f"does not run on two images of {size} pixels ({why})", where=where, fix=_FIX) from None
    for layer, output in zip(layers, outputs, strict=True):
        if not isinstance(output, np.ndarray):
            what = f"gives no tensor at layer {layer}"
            raise ArtefactError(what, where=where, fix=f"{_FIX}, or name layers with --layer")
        if output.ndim != 2 or len(output) != 2 or not output.size or output.dtype != np.float32:
            what = f"gives {output.dtype} {output.shape} at layer {layer} for two images"
            raise ArtefactError(what, where=where, fix=f"{_FIX}, or name layers with --layer")
    return {layer: int(output.shape[1]) for layer, output in zip(layers, outputs, strict=True)}, name


def _input(session: onnxruntime.InferenceSession, *, where: Path) -> str:
    """Return the name of the input. Raises ArtefactError: there is none, or another."""
    names = [str(one.name) for one in session.get_inputs()]
    if len(names) != 1:
        listed = safe_text(", ".join(names), limit=200) or "none"
        raise ArtefactError(f"needs one input, and has {listed}", where=where, fix=_FIX)
    return names[0]
