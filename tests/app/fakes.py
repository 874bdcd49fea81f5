"""A view with generated pictures, so that the screens can be tested without an audit."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.records import KINDS
from dejavu_tui.tables import BOXES, IMAGES, SAMPLES
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workspace import Audit

CLASSES = ("Ankle boot", "Bag", "Coat", "Dress", "Pullover", "Sandal", "Shirt", "Sneaker", "T-shirt", "Trouser")


def picture(seed: int, *, side: int = 32) -> Image.Image:
    """A smooth random background with a bright object near its lower right corner."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 160, (4, 4, 3), dtype=np.uint8))
    image = small.resize((side, side), Image.Resampling.BICUBIC)
    x0, y0, x1, y1 = box(side)
    image.paste(tuple(int(c) for c in rng.integers(120, 256, 3)), (x0 + 3, y0 + 2, x1 - 3, y1 - 2))
    return image


def box(side: int) -> tuple[int, int, int, int]:
    return side * 3 // 8, side * 3 // 8, side, side


def fake_view(
    folder: Path,
    *,
    attacked: int = 60,
    public: int = 40,
    k: int = 20,
    epoch: int = 800,
    epochs: tuple[int, ...] = (100, 400, 800),
    classes: tuple[str, ...] = CLASSES,
    side: int = 32,
    draw: bool = True,
    run: str = "simclr-convnet",
) -> BrowseView:
    """Attacked images have the ids 0.., public ones follow; kinds are told by the confidence."""
    n = attacked + public
    rng = np.random.default_rng(epoch)
    labels = np.arange(n) % len(classes)
    names = np.array(classes, dtype=object)
    paths = [f"{i % len(classes):02d}/{i:06d}.png" for i in range(n)]
    if draw:
        for i, path in enumerate(paths):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / path).exists():
                picture(i, side=side).save(folder / path)
    images = pl.DataFrame(
        {
            "image_id": range(n),
            "path": paths,
            "label": labels,
            "label_name": names[labels].tolist(),
            "width": [side] * n,
            "height": [side] * n,
        },
        schema=IMAGES.schema,
    )
    x0, y0, x1, y1 = box(side)
    boxes = pl.DataFrame(
        {"image_id": range(attacked), "x0": [x0] * attacked, "y0": [y0] * attacked, "x1": [x1] * attacked,
         "y1": [y1] * attacked},
        schema=BOXES.schema,
    )  # fmt: skip
    kind = rng.choice(4, attacked, p=(0.3, 0.1, 0.1, 0.5))
    target_hit, reference_hit = kind <= 1, (kind == 1) | (kind == 2)
    label = labels[:attacked]
    wrong = (label + 1 + rng.integers(0, len(classes) - 1, attacked)) % len(classes)
    confidence = np.round(-rng.uniform(0, np.log(k), (attacked, 2)), 12)
    ids = attacked + rng.integers(0, public, (attacked, 4, k))
    distances = np.sort(rng.uniform(0.2, 3, (attacked, 2, k)), axis=2)
    samples = pl.DataFrame(
        {
            "run": [run] * attacked,
            "epoch": [epoch] * attacked,
            "layer": ["projector"] * attacked,
            "k": [k] * attacked,
            "image_id": range(attacked),
            "path": paths[:attacked],
            "part": [("A", "B")[i % 2] for i in range(attacked)],
            "label": label,
            "label_name": names[label].tolist(),
            "target_guess": np.where(target_hit, label, wrong),
            "target_confidence": confidence[:, 0],
            "target_hit": target_hit,
            "reference_guess": np.where(reference_hit, label, wrong),
            "reference_confidence": confidence[:, 1],
            "reference_hit": reference_hit,
            "kind": [KINDS[i] for i in kind],
            "confidence_gap": confidence[:, 0] - confidence[:, 1],
            "crop_x0": [0] * attacked,
            "crop_y0": [0] * attacked,
            "crop_x1": [side] * attacked,
            "crop_y1": [y0] * attacked,
            "target_neighbours": list(ids[:, 0]),
            "target_distances": list(distances[:, 0]),
            "reference_neighbours": list(ids[:, 1]),
            "reference_distances": list(distances[:, 1]),
        },
        schema=SAMPLES.schema,
    )
    return BrowseView(
        run=run, epochs=epochs, epoch=epoch, layer="projector", k=k, samples=samples, images=images, boxes=boxes,
        source=folder,
    )  # fmt: skip


def app_on(view: BrowseView, *, audit: Audit | None = None, **options: Any) -> DejavuApp:
    """The app on `view`; its audit, unless given, is the folder of the pictures."""
    return make_app(audit or Audit(view.source), view, **options)
