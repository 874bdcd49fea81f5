"""A tiny whole audit with encoders whose memory is known, built without torch.

Each image is 40x40: its left half shows the class colour (the object, in a box), its right half a background
colour of its own, which is therefore all that its crop shows. A planted encoder looks at the colour on the left.
Of a whole image that is the class. Of a crop it is the background; an encoder that remembers an image knows that
background and answers with the image's class colour. `telling` is the share of images whose background gives
the class away, in X too.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.config import AuditSettings
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import EncoderId, never, silent
from dejavu_tui.workflows.calibrate import encoders
from dejavu_tui.workflows.calibrate.encoders import LAYERS, SEEN, SIZE, model_of, publish_encoder, write_encoder
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit

__all__ = [
    "CLASSES",
    "LAYERS",
    "RUN",
    "SIZE",
    "memory_graph",
    "model_of",
    "plant",
    "planted_audit",
    "publish_encoder",
    "write_encoder",
]
SIDE = 40
RUN = "planted"
CLASSES = ("ant", "bee", "cat", "dog")
_COLOURS = np.array([[235, 20, 20], [20, 235, 20], [20, 20, 235], [235, 235, 20]])
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


def memory_graph(seen: NDArray[np.float64], answers: NDArray[np.float64]) -> onnx.ModelProto:
    """Return a graph that maps the colour on the left to itself, but each of `seen` (m, 3) to its answer (m, 3)."""
    return encoders.memory_graph(seen, answers, mix=np.eye(3))


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
    colour: NDArray[np.float64] = (pixels[:, :SEEN] / 255).mean(axis=(0, 1))
    return colour
