"""A torch encoder from elsewhere, its weights in place, to an ONNX model that computes the same."""

from dejavu_export.foreign.asked import Asked, Brought, Facts, card_of
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.graph import INPUT_NAME, OPSET, foreign_graph
from dejavu_export.parity import check_parity, measure_parity
from dejavu_tui.errors import RequestError


def from_torch(encoder: ForeignEncoder, facts: Facts, asked: Asked, *, left_out: tuple[str, ...]) -> Brought:
    """Return `encoder` as an ONNX model, if onnxruntime computes from it what torch does.

    Raises ParityError: it does not. RequestError: something is typed that has no meaning for it.
    """
    if asked.layers:
        raise RequestError(
            "names outputs of an ONNX file", where="--layer", fix="leave it out, or type --format onnx"
        )
    encoder = encoder.eval()
    model = foreign_graph(encoder, size=facts.size)
    parity = measure_parity(model, encoder, size=facts.size, mean=facts.mean, std=facts.std)
    check_parity(parity)
    made = {"input_name": INPUT_NAME, "precision": "fp32", "opset": OPSET, "parity": parity.errors}
    return Brought(model, card_of(facts, asked, dims=encoder.dims, layers=encoder.layers, **made), left_out)
