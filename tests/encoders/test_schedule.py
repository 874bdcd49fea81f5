import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.encoders.schedule import epoch_batches, learning_rate, steps_per_epoch
from tests.encoders.toys import toy_settings


@given(st.integers(2, 400), st.integers(2, 200), st.integers(1, 3))
def test_every_epoch_shows_every_image_once(images: int, batch: int, epoch: int) -> None:
    batches = epoch_batches(toy_settings(batch=batch), epoch=epoch, images=images)
    assert sorted(np.concatenate(batches)) == list(range(images))
    sizes = [len(places) for places in batches]
    assert max(sizes) <= batch
    assert max(sizes) - min(sizes) <= 1
    assert len(batches) == steps_per_epoch(images, batch=batch)


@pytest.mark.parametrize("warmup", [0.0, 0.1])
def test_rate_rises_to_lr_and_falls_to_nearly_zero(warmup: float) -> None:
    settings = toy_settings(lr=0.5, warmup=warmup)
    rates = [learning_rate(settings, step=step, steps=200) for step in range(200)]
    top = int(200 * warmup)
    assert rates[top] == pytest.approx(0.5)
    assert max(rates) == pytest.approx(0.5)
    assert rates[:top] == pytest.approx([0.5 * (step + 1) / 20 for step in range(top)])
    half = top + (200 - top) // 2
    assert rates[half] == pytest.approx(0.5 * 0.5 * (1 + math.cos(math.pi * (half - top) / (200 - top))))
    assert all(later < earlier for earlier, later in zip(rates[top:], rates[top + 1 :], strict=False))
    assert 0 < rates[-1] < 0.001
