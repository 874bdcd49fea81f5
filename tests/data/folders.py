"""Small image folders for tests: random pictures, one box in each, all from a seed."""

from pathlib import Path

import numpy as np
from PIL import Image

VOC = (
    "<annotation>\n<filename>{name}</filename>\n<size><width>{width}</width><height>{height}</height></size>\n"
    "{objects}</annotation>\n"
)
OBJECT = (
    "<object><name>thing</name><bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox>"
    "</object>\n"
)


def voc(*boxes: tuple[int, int, int, int], width: int = 32, height: int = 32, name: str = "x") -> str:
    """Return the XML of an image with these boxes (x0, y0, x1, y1)."""
    objects = "".join(OBJECT.format(*box) for box in boxes)
    return VOC.format(name=name, width=width, height=height, objects=objects)


def build_folder(
    root: Path,
    *,
    classes: int = 3,
    per_class: int = 12,
    side: int = 32,
    boxless: int = 0,
    boxes: bool = True,
    seed: int = 0,
    suffix: str = ".png",
) -> Path:
    """Make `root/images/class<c>/<id>.png` and `root/Annotation/class<c>/<id>.xml`; return `root`.

    The box of an image covers one half of it. The last `boxless` images of each class have no XML; without
    `boxes` none has.
    """
    rng = np.random.default_rng(seed)
    for label in range(classes):
        name = f"class{label}"
        images, annotations = root / "images" / name, root / "Annotation" / name
        images.mkdir(parents=True)
        if boxes:
            annotations.mkdir(parents=True)
        for number in range(per_class):
            pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
            image_id = f"{label * per_class + number:04d}"
            Image.fromarray(pixels).save(images / f"{image_id}{suffix}")
            if boxes and number < per_class - boxless:
                half = side // 2
                box = [(0, 0, half, side), (half, 0, side, side), (0, 0, side, half), (0, half, side, side)]
                text = voc(box[int(rng.integers(4))], width=side, height=side, name=image_id)
                (annotations / f"{image_id}.xml").write_text(text, encoding="utf-8")
    return root
