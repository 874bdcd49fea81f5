"""A torch encoder as one ONNX file."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from functools import lru_cache

import onnx
import torch

from dejavu_export.foreign.network import ForeignEncoder
from dejavu_tui.config import Stem
from dejavu_tui.encoders.checkpoints import SnapshotCard
from dejavu_tui.encoders.network import Encoder

INPUT_NAME = "pixels"
OPSET = 20
_EXAMPLES = 2


def encoder_graph(encoder: Encoder, card: SnapshotCard) -> bytes:
    """Return `encoder` as an ONNX model: float32 input `pixels` (n, 3, size, size), each layer an output (n, dim).

    n is free. One file, no external data, no trace of the machine it was made on; the same weights give the same
    bytes. Nothing is printed.
    """
    with _quiet():
        traced = _trace(card.architecture, card.stem, card.projector, card.input_size)
        program = torch.onnx.ONNXProgram(traced.model.clone(), None)
        initial = program.model.graph.initializers
        weights = {name: tensor for name, tensor in encoder.state_dict().items() if name in initial}
        if len(weights) != len(initial):
            raise RuntimeError(f"the graph has weights of its own: {sorted(initial.keys() - weights.keys())}")
        program.apply_weights(weights)
        return _bytes(program)


def foreign_graph(network: ForeignEncoder, *, size: int) -> bytes:
    """Return an encoder from elsewhere as `encoder_graph` does one of ours, for images of `size` pixels a side."""
    with _quiet():
        return _bytes(_exported(network, size))


def _bytes(program: torch.onnx.ONNXProgram) -> bytes:
    program.optimize()
    model: onnx.ModelProto = program.model_proto
    _strip(model)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


@lru_cache(maxsize=1)
def _trace(arch: str, stem: Stem, projector: str, size: int) -> torch.onnx.ONNXProgram:
    """Return the graph of a network, its weights to be replaced: tracing takes seconds, and snapshots differ in
    nothing else.
    """
    with torch.random.fork_rng(devices=[]):
        network = Encoder(arch, projector, stem=stem, size=size).eval()
    return _exported(network, size)


def _exported(network: Encoder | ForeignEncoder, size: int) -> torch.onnx.ONNXProgram:
    # (2, 3, size, size): one image would let the exporter take n for a constant
    example = torch.zeros(_EXAMPLES, 3, size, size)
    with torch.no_grad():
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            external_data=False,
            optimize=False,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=list(network.layers),
            dynamic_shapes=({0: torch.export.Dim("n")},),
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program")
    return program


def _strip(model: onnx.ModelProto) -> None:
    """Remove what the exporter notes about the source code: it names paths of this machine."""
    del model.metadata_props[:]
    model.doc_string = ""
    graph = model.graph
    del graph.metadata_props[:]
    graph.doc_string = ""
    del graph.value_info[:]
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's talk from both streams; what goes wrong is raised all the same."""
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    talk = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(talk), contextlib.redirect_stderr(talk):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
