import math

import pytest
import torch
from torchvision.transforms import functional as tv

from dejavu_tui.encoders.blur import blur, radius, sigmas
from tests.encoders.uniform import draws, seems_uniform


@pytest.mark.parametrize("size", [8, 32, 33, 96, 224])
def test_a_blur_is_torchvisions(size: int) -> None:
    images = torch.rand(3, 3, size, size, generator=torch.Generator().manual_seed(0))
    sigma = sigmas(torch.tensor([0.01, 0.5, 1.0]), size=size)
    kernel = [2 * radius(size) + 1] * 2
    expected = torch.stack(
        [tv.gaussian_blur(image, kernel, [float(one)] * 2) for image, one in zip(images, sigma, strict=True)]
    )
    assert torch.allclose(blur(images, sigma), expected, atol=2e-6)


@pytest.mark.parametrize("size", [8, 96, 224, 1024])
def test_what_lies_beyond_the_kernel_is_less_than_a_fiftieth_of_a_grey_level(size: int) -> None:
    largest = float(sigmas(torch.tensor(1.0), size=size))
    beyond = math.erfc((radius(size) + 0.5) / largest / math.sqrt(2))
    assert beyond * 255 < 1 / 50


@pytest.mark.parametrize(("size", "high"), [(224, 2.0), (112, 1.0)])
def test_the_amount_is_uniform_and_scales_with_the_view(size: int, high: float) -> None:
    assert seems_uniform(sigmas(draws(4000, 1)[0], size=size), 0.1 * size / 224, high)
