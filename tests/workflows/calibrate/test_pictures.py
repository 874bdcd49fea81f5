"""Planted images: what is in them, and that the split sees what was painted."""

from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.images.pixels import open_picture
from dejavu_tui.records import never
from dejavu_tui.workflows.calibrate.pictures import CLASSES, HINTS, World, build_world, object_colours

SIZES = {"per_class": 5, "external": 2, "public": 20}


def world(folder: Path, dial: float, *, seed: int = 0) -> World:
    return build_world(folder, dial=dial, seed=seed, stop=never, **SIZES)


def test_an_image_is_its_class_on_the_left_and_its_background_on_the_right(tmp_path: Path) -> None:
    made = world(tmp_path, 0.5)
    images = made.audit.images
    assert images["label"].to_list() == made.labels.tolist()
    assert sorted(CLASSES) == list(CLASSES)
    for image_id, path, label in images.select("image_id", "path", "label").rows()[::7]:
        pixels = np.asarray(open_picture(made.audit.source / path))
        assert (pixels[:, 12:] == made.backgrounds[image_id]).all()
        assert tuple(pixels[0, 0]) in {tuple(colour) for colour in object_colours(label)}
        assert (pixels[:, :12] == pixels[0, 0]).all()


def test_the_crop_shows_the_background_alone(tmp_path: Path) -> None:
    crops = world(tmp_path, 0).audit.attacked().select("x0", "y0", "x1", "y1")
    assert set(crops.rows()) == {(12, 0, 24, 24)}


def test_parts_are_as_asked(tmp_path: Path) -> None:
    made = world(tmp_path, 0)
    counts = dict(made.audit.parts.group_by("part").len().iter_rows())
    assert counts == {part: 8 * n for part, n in (("A", 5), ("B", 5), ("E", 2), ("X", 20))}
    assert len(made.attacked("A", "B")) == 80
    assert made.audit.dropped.is_empty()


@pytest.mark.parametrize("dial", [0, 0.3, 1])
def test_the_dial_is_the_share_of_backgrounds_that_tell(tmp_path: Path, dial: float) -> None:
    made = world(tmp_path, dial)
    n = len(made.labels)
    assert made.telling.sum() == pytest.approx(dial * n, abs=5 * np.sqrt(dial * (1 - dial) * n))
    told = {tuple(colour): label for label, hints in enumerate(made.hints) for colour in hints}
    assert len(told) == len(CLASSES) * HINTS
    for colour, label, tells in zip(made.backgrounds, made.labels, made.telling, strict=True):
        assert told.get(tuple(colour)) == (label if tells else None)
    own = [tuple(colour) for colour in made.backgrounds[~made.telling]]
    assert len(set(own)) == len(own)


def test_the_seed_decides(tmp_path: Path) -> None:
    one, same, other = (world(tmp_path / str(i), 0.5, seed=seed) for i, seed in enumerate((3, 3, 4)))
    assert np.array_equal(one.backgrounds, same.backgrounds)
    assert one.audit.parts.equals(same.audit.parts)
    assert not np.array_equal(one.backgrounds, other.backgrounds)
