import colorsys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.transforms import functional as tv

from dejavu_tui.config import AugmentSettings
from dejavu_tui.encoders.colour import jitter, luma, solarize, turn_hue
from tests.encoders.uniform import draws

channel = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1, width=32))


def colours(count: int, *, seed: int = 0) -> Tensor:
    """Images of any colours, of few levels in half of them, so that channels are often equal."""
    images = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    images[::2] = (images[::2] * 4).round() / 4
    return images


@pytest.mark.parametrize("seed", range(3))
def test_colours_change_as_in_torchvision(seed: int) -> None:
    settings = AugmentSettings(brightness=0.4, contrast=0.5, saturation=0.3, hue=0.2, jitter=0.7)
    images, drawn = colours(20, seed=seed), draws(20, 5, seed=seed)
    got = jitter(images.clone(), drawn, settings=settings)
    for place, image in enumerate(images):
        changed, brightness, contrast, saturation, hue = (float(draw[place]) for draw in drawn)
        if changed < settings.jitter:
            image = tv.adjust_brightness(image, 1 + (2 * brightness - 1) * 0.4)
            image = tv.adjust_contrast(image, 1 + (2 * contrast - 1) * 0.5)
            image = tv.adjust_saturation(image, 1 + (2 * saturation - 1) * 0.3)
            image = tv.adjust_hue(image, (2 * hue - 1) * 0.2)
        assert torch.allclose(got[place], image, atol=1e-5)


@given(st.tuples(channel, channel, channel), st.floats(-0.5, 0.5, width=32))
def test_a_hue_turns_as_colorsys_says(rgb: tuple[float, float, float], turn: float) -> None:
    got = turn_hue(torch.tensor(rgb).view(1, 3, 1, 1).clone(), torch.tensor([turn])).flatten()
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
    expected = colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)
    assert got.tolist() == pytest.approx(expected, abs=2e-6)


def test_hues_turn_as_in_torchvision_all_round_the_circle() -> None:
    images = colours(40)
    turns = torch.linspace(-0.5, 0.5, 40)
    expected = torch.stack([tv.adjust_hue(image, float(turn)) for image, turn in zip(images, turns, strict=True)])
    assert torch.allclose(turn_hue(images.clone(), turns), expected, atol=1e-5)


def test_greys_have_no_hue_to_turn() -> None:
    images = colours(4)[:, :1].repeat(1, 3, 1, 1)
    assert torch.equal(turn_hue(images.clone(), torch.tensor([-0.5, -0.1, 0.2, 0.5])), images)


def test_grey_is_torchvisions() -> None:
    images = colours(4)
    assert torch.allclose(luma(images), tv.rgb_to_grayscale(images), atol=1e-6)


def test_solarizing_is_torchvisions_at_one_half() -> None:
    images = colours(4)
    assert torch.equal(solarize(images), tv.solarize(images, 0.5))
    assert not torch.equal(solarize(images), images)
