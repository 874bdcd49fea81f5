from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.images.pixels import batches
from dejavu_tui.records import never

SIZE, COUNT = 8, 5
BYTES = COUNT * SIZE * SIZE * 3


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    found = [tmp_path / f"{number}.png" for number in range(COUNT)]
    for path in found:
        Image.fromarray(rng.integers(256, size=(20, 20, 3)).astype(np.uint8)).save(path)
    return found


@pytest.mark.parametrize("crops", [None, [Box(0, 0, 9, 12)] * COUNT])
@pytest.mark.parametrize("budget", [0, BYTES - 1, BYTES])
def test_every_turn_shows_what_batches_gives(paths: list[Path], crops: list[Box] | None, budget: int) -> None:
    pictures = Pictures(paths, crops, size=SIZE, batch=2, budget=budget)
    expected = [pixels.tobytes() for pixels in batches(paths, crops, size=SIZE, batch=2)]
    for _ in range(3):
        assert [pixels.tobytes() for pixels in pictures.turn(stop=never)] == expected


@pytest.mark.parametrize(("budget", "again"), [(BYTES, False), (BYTES - 1, True)])
def test_pictures_within_the_budget_are_decoded_once(paths: list[Path], budget: int, again: bool) -> None:
    pictures = Pictures(paths, None, size=SIZE, batch=2, budget=budget)
    first = [pixels.copy() for pixels in pictures.turn(stop=never)]
    for path in paths:
        Image.new("RGB", (20, 20)).save(path)
    second = list(pictures.turn(stop=never))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True)) != again


def test_a_turn_that_was_broken_off_keeps_nothing_half(paths: list[Path]) -> None:
    pictures = Pictures(paths, None, size=SIZE, batch=2, budget=BYTES)
    asked = iter([False, False, True])
    with pytest.raises(StoppedError):
        list(pictures.turn(stop=lambda: next(asked)))
    assert sum(len(pixels) for pixels in pictures.turn(stop=never)) == COUNT
    with pytest.raises(StoppedError):
        list(pictures.turn(stop=lambda: True))
