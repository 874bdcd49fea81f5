"""Image sets of ImageNet's shape: a tree of small JPEGs with VOC files, and one that is only pretended."""

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from dejavu_tui.images import catalogue
from dejavu_tui.images.alike import HASH_BYTES
from dejavu_tui.images.layouts import imagefolder
from dejavu_tui.images.listing import MARKED, Listing, listed
from dejavu_tui.images.seen import SEEN

_XML = """<annotation>
	<folder>{folder}</folder>
	<filename>{name}</filename>
	<source>
		<database>ImageNet database</database>
	</source>
	<size>
		<width>{width}</width>
		<height>{height}</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
{objects}</annotation>
"""
_OBJECT = """	<object>
		<name>{name}</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>{0}</xmin>
			<ymin>{1}</ymin>
			<xmax>{2}</xmax>
			<ymax>{3}</ymax>
		</bndbox>
	</object>
"""
WIDTH, HEIGHT = 64, 48


def make_tree(root: Path, *, images: int, classes: int) -> Path:
    """Make `root/images/<class>/<class>_<number>.JPEG` and VOC files in `root/Annotation`; return `root`."""
    rng = np.random.default_rng(0)
    for number in range(images):
        folder = f"n{number % classes:08d}"
        name = f"{folder}_{number}"
        pixels = np.kron(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))
        place = root / "images" / folder / f"{name}.JPEG"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place, "JPEG", quality=80)
        objects = "".join(_OBJECT.format(*_corners(rng), name=folder) for _ in range(rng.integers(1, 4)))
        xml = root / "Annotation" / folder / f"{name}.xml"
        xml.parent.mkdir(parents=True, exist_ok=True)
        xml.write_text(_XML.format(folder=folder, name=name, width=WIDTH, height=HEIGHT, objects=objects))
    return root


def _corners(rng: np.random.Generator) -> tuple[int, int, int, int]:
    x0, y0 = int(rng.integers(0, WIDTH - 8)), int(rng.integers(0, HEIGHT - 8))
    return x0, y0, int(rng.integers(x0 + 4, WIDTH + 1)), int(rng.integers(y0 + 4, HEIGHT + 1))


def pretend(images: int, *, classes: int = 1000) -> None:
    """Let this process find `images` images of 500 x 375 with a box or two in whatever folder it looks, unread."""
    rng = np.random.default_rng(0)
    numbers = np.arange(images)
    paths = pl.Series("path", [f"n{n % classes:08d}/n{n % classes:08d}_{n}.JPEG" for n in numbers])
    names = paths.str.slice(0, 9)
    x0, y0 = rng.integers(0, 300, images), rng.integers(0, 200, images)
    boxes = pl.DataFrame(
        {"path": paths, "x0": x0, "y0": y0, "x1": x0 + rng.integers(20, 200, images), "y1": y0 + 100}, MARKED.schema
    )
    more = boxes.gather_every(2).with_columns(pl.col("x0", "x1") // 2)
    table = listed(pl.DataFrame({"path": paths, "label_name": names, "annotation": names}))
    seen = pl.DataFrame(
        {
            "path": table["path"],
            "annotation": table["annotation"],
            "sha256": [n.to_bytes(32) for n in range(images)],
            "picture": [rng.bytes(HASH_BYTES) for _ in range(images)],
            "width": pl.repeat(500, images, eager=True),
            "height": pl.repeat(375, images, eager=True),
        }
    )
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in SEEN.schema.items() if name not in seen.columns]
    seen = seen.with_columns(lacking).select(SEEN.schema.names()).cast(SEEN.schema)
    marked = pl.concat([boxes, more]).unique(maintain_order=True)

    def listing(path: Path, *, annotations: Path | None) -> Listing:
        return Listing(path, table, annotations)

    setattr(imagefolder, "read", listing)  # noqa: B010  the type checker would refuse an assignment
    setattr(catalogue, "look_at_all", lambda *_, **__: (seen, marked))  # noqa: B010
