"""A tiny whole audit with encoders whose memory is known, built without torch.

Each image is 40x40: its left half shows the class colour (the object, in a box), its right half a background
colour of its own, which is therefore all that its crop shows. A planted encoder looks at the colour on the left.
Of a whole image that is the class. Of a crop it is the background; an encoder that remembers an image knows that
background and answers with the image's class colour. `telling` is the share of images whose background gives
the class away, in X too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from dejavu_tui.artefacts import publish, sha256_file
from dejavu_tui.config import AuditSettings
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import EncoderCard, EncoderId, Trainer, never, silent
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit

SIDE, SIZE = 40, 32
RUN = "planted"
LAYERS = ("backbone", "projector.1", "projector")
CLASSES = ("ant", "bee", "cat", "dog")
_COLOURS = np.array([[235, 20, 20], [20, 235, 20], [20, 20, 235], [235, 235, 20]])
_SEEN = 12
"""Columns on the left that the encoders look at."""
_SHARPNESS = 4000.0
_XML = """<annotation><size><width>{side}</width><height>{side}</height></size><object><bndbox>
<xmin>0</xmin><ymin>0</ymin><xmax>{half}</xmax><ymax>{side}</ymax></bndbox></object></annotation>"""


def planted_audit(
    folder: Path,
    *,
    images: int = 40,
    attacked: int = 8,
    external: int = 0,
    telling: float = 0.2,
    k: int = 10,
    seed: int = 0,
    memory: Mapping[int, float] | None = None,
) -> Audit:
    """Return an audit in `folder`/audit, its images in `folder`/images.

    `images` of each class, of which `attacked` are in A, in B, and `external` in E. `memory` gives for each epoch
    the share of its own part that an encoder of that epoch remembers (default: none at 10, all at 20).
    """
    source = folder / "images"
    _write_source(source, images=images, telling=telling, seed=seed)
    settings = AuditSettings(
        source=str(source),
        annotations=str(source / "Annotation"),
        per_class=attacked,
        external=external,
        k=k,
        seed=seed,
    )
    audit = write(plan(source, settings, progress=silent, stop=never), folder / "audit")
    for epoch, share in (memory or {10: 0.0, 20: 1.0}).items():
        for trainer in ("A", "B"):
            plant(audit, EncoderId(RUN, trainer, epoch), share=share)
    return audit


def plant(audit: Audit, encoder: EncoderId, *, share: float) -> None:
    """Publish `encoder` as exported, remembering the first `share` of its own part."""
    own = audit.attacked().filter(part=encoder.trained_on)
    own = own.head(round(share * own.height))
    seen = [
        _left(preprocess(open_picture(audit.source / path), crop=Box(*crop), size=SIZE))
        for path, *crop in own.select("path", "x0", "y0", "x1", "y1").iter_rows()
    ]
    answers = _COLOURS[own["label"].to_numpy()] / 255
    graph = memory_graph(np.array(seen).reshape(-1, 3), answers)
    publish_encoder(audit, encoder, graph, dims=dict.fromkeys(LAYERS, 3))


def publish_encoder(audit: Audit, encoder: EncoderId, model: onnx.ModelProto, *, dims: dict[str, int]) -> None:
    """Publish `model`, whose outputs are `dims`, with its card, as the exported `encoder`."""
    identity = {"planted": encoder.folder}
    with publish(audit.onnx_folder(encoder), kind="onnx", identity=identity) as draft:
        write_encoder(
            draft.folder / "encoder.onnx", model, dims=dims, trained_on=encoder.trained_on, epoch=encoder.epoch
        )


def write_encoder(
    path: Path,
    model: onnx.ModelProto,
    *,
    dims: dict[str, int],
    trained_on: Trainer | None = None,
    epoch: int | None = None,
) -> None:
    """Write `model` to `path` and its card beside it."""
    path.write_bytes(model.SerializeToString(deterministic=True))
    card = EncoderCard(
        layers=tuple(dims),
        dims=dims,
        input_size=SIZE,
        mean=(0, 0, 0),
        std=(1, 1, 1),
        schema=1,
        method="planted",
        architecture="memory",
        epoch=epoch,
        trained_on=trained_on,
        sha256=sha256_file(path),
    )
    path.with_suffix(".json").write_text(card.model_dump_json(by_alias=True), encoding="utf-8")


def memory_graph(seen: NDArray[np.float64], answers: NDArray[np.float64]) -> onnx.ModelProto:
    """Return a graph that maps the colour on the left to itself, but each of `seen` (m, 3) to its answer (m, 3)."""
    if not len(seen):
        seen, answers = np.full((1, 3), 9.0), np.full((1, 3), 9.0)  # a colour that no pixel has
    constants: dict[str, NDArray[Any]] = {
        "begin": np.array([0], np.int64),
        "end": np.array([_SEEN], np.int64),
        "columns": np.array([3], np.int64),
        "space": np.array([2, 3], np.int64),
        "seen": seen.astype(np.float32)[None],  # (1, m, 3)
        "steps": (answers - seen).astype(np.float32),
        "here": np.array([1], np.int64),
        "colour": np.array([2], np.int64),
        "sharpness": np.array(_SHARPNESS, np.float32),
        "one": np.array(1, np.float32),
        "two": np.array(2, np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["pixels", "begin", "end", "columns"], ["left"]),
        helper.make_node("ReduceMean", ["left", "space"], ["backbone"], keepdims=0),  # (n, 3)
        helper.make_node("Unsqueeze", ["backbone", "here"], ["row"]),
        helper.make_node("Sub", ["row", "seen"], ["differences"]),  # (n, m, 3)
        helper.make_node("ReduceSumSquare", ["differences", "colour"], ["squares"], keepdims=0),
        helper.make_node("Mul", ["squares", "sharpness"], ["far"]),
        helper.make_node("Sub", ["one", "far"], ["near"]),
        helper.make_node("Relu", ["near"], ["match"]),  # (n, m): 1 where a colour is known, else 0
        helper.make_node("MatMul", ["match", "steps"], ["step"]),
        helper.make_node("Add", ["backbone", "step"], ["projector"]),
        helper.make_node("Mul", ["projector", "two"], ["projector.1"]),
    ]
    return model_of(nodes, constants, dict.fromkeys(LAYERS, 3))


def model_of(
    nodes: Sequence[onnx.NodeProto], constants: Mapping[str, NDArray[Any]], outputs: Mapping[str, int]
) -> onnx.ModelProto:
    """Return a model from `pixels` (n, 3, 32, 32) to `outputs` (n, dim each)."""
    graph = helper.make_graph(
        list(nodes),
        "planted",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", dim]) for name, dim in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def _write_source(source: Path, *, images: int, telling: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.arange(64, 193, 8)] * 3), axis=-1).reshape(-1, 3)
    backgrounds = iter(rng.permutation(grid))
    for label, name in enumerate(CLASSES):
        (source / name).mkdir(parents=True)
        (source / "Annotation" / name).mkdir(parents=True)
        for number in range(images):
            picture = np.empty((SIDE, SIDE, 3), np.uint8)
            picture[:, : SIDE // 2] = _COLOURS[label] + rng.integers(-15, 16, 3)
            background = next(backgrounds)
            if rng.random() < telling:
                background = (background + 2 * _COLOURS[label]) // 3
            picture[:, SIDE // 2 :] = background
            Image.fromarray(picture).save(source / name / f"{number:03d}.png")
            xml = _XML.format(side=SIDE, half=SIDE // 2)
            (source / "Annotation" / name / f"{number:03d}.xml").write_text(xml, encoding="utf-8")


def _left(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean colour (3,) of the columns that the encoders look at."""
    colour: NDArray[np.float64] = (pixels[:, :_SEEN] / 255).mean(axis=(0, 1))
    return colour
