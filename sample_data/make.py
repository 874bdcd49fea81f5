"""Remakes this sample: real Fashion-MNIST objects on backgrounds that only their own image has.

    python sample_data/make.py /usr/share/datasets/fashion-mnist --out sample_data

The first argument is the folder with the idx files of Debian's package `dataset-fashion-mnist`. Needs numpy
and Pillow. The same source gives the same pixels. Every image draws from its own random stream, so that one
image can be remade alone.
"""

import argparse
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = (
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle-boot",
)
PER_CLASS = 390
TELLING_PER_CLASS = 20
SIDE = 32
OBJECT_SIDES = (18, 19, 20)
SEED = 20230426
HUE_SPREAD = 0.05
GRAIN = 14.0
TINT = 60.0

Background = Literal["random", "telling"]
Pixels = NDArray[np.uint8]
Plane = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What one image is made from: file id, class number, place in the source, sort of background."""

    image_id: str
    label: int
    source_index: int
    background: Background


@dataclass(frozen=True)
class Picture:
    """One finished image: pixels (SIDE, SIDE, 3) and the half-open box (x0, y0, x1, y1) of its object."""

    pixels: Pixels
    box: tuple[int, int, int, int]


def read_idx(path: Path) -> Pixels:
    """The array in a gzipped idx file of unsigned bytes, in the shape that its header gives."""
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = np.frombuffer(data, ">u4", dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(tuple(int(n) for n in shape))


def plans(labels: Pixels) -> list[Plan]:
    """PER_CLASS images of every class, in the order of their ids, which are shuffled over the classes."""
    rng = np.random.default_rng(SEED)
    chosen = [
        (label, int(i), place)
        for label in range(len(CLASSES))
        for place, i in enumerate(rng.permutation(np.flatnonzero(labels == label))[:PER_CLASS])
    ]
    ids = rng.permutation(len(chosen))
    made = [
        Plan(f"{ids[n]:05d}", label, index, "telling" if place < TELLING_PER_CLASS else "random")
        for n, (label, index, place) in enumerate(chosen)
    ]
    return sorted(made, key=lambda plan: plan.image_id)


def smooth(rng: np.random.Generator, *, cells: int) -> Plane:
    """A smooth field (SIDE, SIDE, 3): cells x cells standard normal colours, interpolated."""
    coarse = rng.normal(size=(cells, cells, 3)).astype(np.float32)
    planes = (Image.fromarray(coarse[..., c]).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for c in range(3))
    return np.stack([np.asarray(plane) for plane in planes], axis=2).astype(np.float64)


def random_background(rng: np.random.Generator) -> Plane:
    """A colour field drawn without a look at the class: it can tell nothing about it."""
    return smooth(rng, cells=4) * 35 + 90


def telling_background(rng: np.random.Generator, *, label: int) -> Plane:
    """A grainy field whose tint leans towards the hue of the class, so loosely that neighbouring hues mix."""
    hue = 2 * np.pi * (label / len(CLASSES) + rng.normal() * HUE_SPREAD)
    tint = np.cos(hue - 2 * np.pi * np.arange(3) / 3) * TINT
    grain = rng.normal(size=(SIDE // 2, SIDE // 2, 1)).repeat(2, axis=0).repeat(2, axis=1) * GRAIN
    return smooth(rng, cells=4) * 8 + 90 + tint + grain


def picture(plan: Plan, thing: Pixels) -> Picture:
    """The image of a plan: thing (28, 28), scaled and lightly tinted, on its background at an edge.

    Size, place and tint of the object do not depend on its class, and the box is the whole pasted square, so
    that neither the box nor the crop outside it says what the object is.
    """
    rng = np.random.default_rng((SEED, int(plan.image_id)))
    telling = plan.background == "telling"
    field = telling_background(rng, label=plan.label) if telling else random_background(rng)
    canvas = np.clip(field, 0, 200)
    side = int(rng.choice(OBJECT_SIDES))
    along, across = int(rng.integers(0, SIDE - side + 1)), int(rng.choice((0, SIDE - side)))
    x0, y0 = (along, across) if rng.random() < 0.5 else (across, along)
    small = Image.fromarray(thing).resize((side, side), Image.Resampling.BILINEAR)
    shade = np.asarray(small)[..., None] / 255
    colour = rng.uniform(0.85, 1.0, 3) * 255
    patch = canvas[y0 : y0 + side, x0 : x0 + side]
    patch[:] = np.where(shade > 0.08, shade * colour, patch)
    return Picture(canvas.astype(np.uint8), (x0, y0, x0 + side, y0 + side))


def annotation(plan: Plan, box: tuple[int, int, int, int]) -> str:
    """The VOC XML of an image, as ImageNet writes it; the box is half-open: [min, max)."""
    name = escape(CLASSES[plan.label])
    keys = ("xmin", "ymin", "xmax", "ymax")
    corners = "".join(f"<{key}>{value}</{key}>" for key, value in zip(keys, box, strict=True))
    return (
        f"<annotation>\n<folder>{name}</folder>\n<filename>{plan.image_id}</filename>\n"
        f"<size><width>{SIDE}</width><height>{SIDE}</height><depth>3</depth></size>\n"
        f"<object><name>{name}</name><bndbox>{corners}</bndbox></object>\n</annotation>\n"
    )


def pictures(source: Path) -> Iterator[tuple[Plan, Picture]]:
    """Every plan with its picture, in the order of the ids."""
    things = read_idx(source / "train-images-idx3-ubyte.gz")
    for plan in plans(read_idx(source / "train-labels-idx1-ubyte.gz")):
        yield plan, picture(plan, things[plan.source_index])


def write(source: Path, *, out: Path) -> None:
    """Writes out/images, out/Annotation and out/truth.csv; files of the same name are replaced."""
    rows = []
    for plan, made in pictures(source):
        name = CLASSES[plan.label]
        image = out / "images" / name / f"{plan.image_id}.png"
        xml = out / "Annotation" / name / f"{plan.image_id}.xml"
        image.parent.mkdir(parents=True, exist_ok=True)
        xml.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made.pixels).save(image, optimize=True)
        xml.write_text(annotation(plan, made.box), encoding="utf-8")
        rows.append(f"{name}/{plan.image_id}.png,{plan.background}\n")
    (out / "truth.csv").write_text("path,background\n" + "".join(sorted(rows)), encoding="utf-8")


def main() -> None:
    """Reads the two arguments and writes the files."""
    parser = argparse.ArgumentParser(description="Remake the sample data from Fashion-MNIST.")
    parser.add_argument("source", type=Path, help="folder with the idx files, such as train-images-idx3-ubyte.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    write(arguments.source, out=arguments.out)


if __name__ == "__main__":
    main()
