import math

import polars as pl
import pytest

from dejavu_tui.images import gain
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.gain import Gain, gain_of_largest


def images(count: int) -> pl.DataFrame:
    return pl.DataFrame({"image_id": range(count), "width": [300] * count, "height": [300] * count})


SPLIT = [Box(0, 0, 150, 100), Box(150, 0, 300, 100)]  # 300 x 200 are left, 150 x 200 in a stripe
HALF = [Box(0, 0, 150, 300)]
WHOLE = [Box(0, 0, 300, 300)]


def test_images_with_a_larger_crop_are_counted() -> None:
    got = gain_of_largest(images(6), {0: SPLIT, 1: HALF, 3: SPLIT, 4: WHOLE})
    assert got == Gain(images=3, larger=2, median=200 / 150 - 1)


def test_where_none_is_larger_there_is_no_median() -> None:
    got = gain_of_largest(images(2), {0: HALF})
    assert (got.images, got.larger) == (1, 0)
    assert math.isnan(got.median)
    assert gain_of_largest(images(2), {}).images == 0


def test_of_many_images_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gain, "_LOOKED_AT", 10)
    got = gain_of_largest(images(35), dict.fromkeys(range(35), SPLIT))
    assert (got.images, got.larger) == (9, 9)
