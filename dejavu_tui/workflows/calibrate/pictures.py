"""Generated images whose background is known: one flat colour beside an object whose colour is its class.

The left half of an image shows its object, in a box: one of the eight corners of the colour cube, a little greyed:
there are 216 shades of each class, and each image has one of its own. The right half, all that the background crop
shows, is one flat colour from the inside of the cube. A background *tells* its class if it is one of the 25 hints
of that class; otherwise its colour is its image's own and was drawn without a look at the class.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.config import AuditSettings
from dejavu_tui.records import Stop
from dejavu_tui.seeds import generator
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit

CLASSES = ("black", "blue", "cyan", "green", "magenta", "red", "white", "yellow")
CORNERS = np.array(
    [[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [1, 1, 1], [1, 1, 0]], np.int64
)
"""The class colours (8, 3), 1 where a channel is full, in the order of CLASSES, which is that of the labels."""
SHADES = np.stack(np.meshgrid(*[np.arange(6)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
"""By how many steps (216, 3) each channel of an object is greyed."""
HINTS = 25
"""Backgrounds that tell one class."""
K = 40
"""Neighbours that vote."""
_STEP = 8
_SIDE = 24
_XML = (
    f"<annotation><size><width>{_SIDE}</width><height>{_SIDE}</height></size><object><bndbox><xmin>0</xmin>"
    f"<ymin>0</ymin><xmax>{_SIDE // 2}</xmax><ymax>{_SIDE}</ymax></bndbox></object></annotation>\n"
)


@dataclass(frozen=True)
class World:
    """An audit of generated images. All arrays are by image_id (n,): labels, backgrounds (n, 3) in 0..255, and
    whether a background tells its class; `hints` (8, 25, 3) are the telling backgrounds of each class.
    """

    audit: Audit
    seed: int
    dial: float
    """P(the background tells the class)."""
    labels: NDArray[np.int64]
    backgrounds: NDArray[np.uint8]
    telling: NDArray[np.bool_]
    hints: NDArray[np.uint8]

    def attacked(self, *parts: str) -> NDArray[np.int64]:
        """Return the ids of the attacked images of `parts`, rising."""
        members = self.audit.attacked()
        return members.filter(members["part"].is_in(parts))["image_id"].to_numpy()


def object_colours(label: int) -> NDArray[np.uint8]:
    """Return the colours (216, 3) that objects of class `label` have."""
    towards_grey = np.where(CORNERS[label] == 1, -_STEP, _STEP)
    colours: NDArray[np.uint8] = (255 * CORNERS[label] + SHADES * towards_grey).astype(np.uint8)
    return colours


def build_world(
    folder: Path, *, dial: float, per_class: int, external: int, public: int, seed: int, stop: Stop
) -> World:
    """Paint images into `folder`/images and split them into `folder`/audit.

    Of each of the 8 classes `per_class` images go to A, as many to B, `external` to E and `public` to X. Each
    background tells its class with probability `dial`, apart from all others. No two images are equal.
    """
    rng = generator(seed, "calibrate", "images", str(dial))
    each = 2 * per_class + external + public
    labels = np.repeat(np.arange(len(CLASSES)), each)
    inside = rng.permutation(np.stack(np.meshgrid(*[np.arange(64, 193, _STEP)] * 3), axis=-1).reshape(-1, 3))
    hints = inside[: len(CLASSES) * HINTS].reshape(len(CLASSES), HINTS, 3).astype(np.uint8)
    backgrounds = inside[hints.shape[0] * HINTS :][: len(labels)].astype(np.uint8)  # (n, 3), each its own
    telling = rng.random(len(labels)) < dial
    hinted = hints[labels, rng.integers(HINTS, size=len(labels))]
    backgrounds = np.where(telling[:, None], hinted, backgrounds)
    shades = np.concatenate([rng.permutation(len(SHADES))[:each] for _ in CLASSES])  # (n,)
    source = folder / "images"
    for label, name in enumerate(CLASSES):
        (source / name).mkdir(parents=True)
        (source / "Annotation" / name).mkdir(parents=True)
        for number, image in enumerate(np.flatnonzero(labels == label)):
            picture = np.empty((_SIDE, _SIDE, 3), np.uint8)
            picture[:, : _SIDE // 2] = object_colours(label)[shades[image]]
            picture[:, _SIDE // 2 :] = backgrounds[image]
            Image.fromarray(picture).save(source / name / f"{number:04d}.png", compress_level=1)
            (source / "Annotation" / name / f"{number:04d}.xml").write_text(_XML, encoding="utf-8")
    settings = AuditSettings(
        source=str(source),
        annotations=str(source / "Annotation"),
        per_class=per_class,
        external=external,
        k=K,
        seed=seed,
    )
    audit = write(plan(source, settings, stop=stop), folder / "audit")
    return World(audit, seed, dial, labels, backgrounds, telling, hints)  # paths sort as they were painted
