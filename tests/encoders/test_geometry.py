import math

import pytest
import torch
from torchvision.transforms import functional as tv

from dejavu_tui.encoders.geometry import crop_boxes, resample
from tests.encoders.uniform import draws, seems_uniform


@pytest.mark.parametrize("aspect", [1.0, 0.4, 1.5, 3.0])
@pytest.mark.parametrize(("low", "high"), [(0.08, 1.0), (0.08, 0.4), (0.5, 0.5)])
def test_crops_lie_inside_and_have_uniform_area(aspect: float, low: float, high: float) -> None:
    boxes = crop_boxes(draws(4000, 4), aspects=torch.full((4000,), aspect), scale=(low, high))
    x0, y0, width, height = boxes.double().unbind(1)
    assert min(x0.min(), y0.min()) >= 0
    assert max((x0 + width).max(), (y0 + height).max()) <= 1 + 1e-6
    area = width * height
    assert area.min() >= low - 1e-5
    assert area.max() <= high + 1e-5
    assert low == high or seems_uniform(area, low - 1e-5, high + 1e-5)


@pytest.mark.parametrize("aspect", [1.0, 1.5])
def test_small_crops_have_the_aspect_ratios_of_torchvision_in_pixels(aspect: float) -> None:
    boxes = crop_boxes(draws(4000, 4), aspects=torch.full((4000,), aspect), scale=(0.08, 0.3))
    ratio = (boxes[:, 2] / boxes[:, 3] * aspect).double()
    assert seems_uniform(ratio.log(), -math.log(4 / 3) - 1e-5, math.log(4 / 3) + 1e-5)


def test_a_crop_too_large_for_any_usual_ratio_takes_the_nearest_that_fits() -> None:
    boxes = crop_boxes(draws(100, 4), aspects=torch.full((100,), 3.0), scale=(0.9, 0.9))
    assert torch.allclose(boxes[:, 2], torch.tensor(0.9), atol=1e-5)
    assert torch.allclose(boxes[:, 3], torch.tensor(1.0), atol=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [16, 7, 24])
def test_resampling_is_torchvisions_crop_and_resize(mirrored: bool, size: int) -> None:
    images = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    top, left, height, width = 2, 5, 7, 9
    box = torch.tensor([[left / 16, top / 16, width / 16, height / 16]]).repeat(3, 1)
    got = resample(images, box, mirrored=torch.full((3,), mirrored), size=size)
    # what lies beside a crop is seen by the bilinear filter at its very edge: compare inside
    expected = tv.resized_crop(images, top, left, height, width, [size, size], antialias=False)
    if mirrored:
        expected = tv.hflip(expected)
    assert torch.allclose(got[:, :, 2:-2, 2:-2], expected[:, :, 2:-2, 2:-2], atol=1e-5)


def test_the_whole_image_as_crop_is_the_image() -> None:
    images = torch.rand(2, 3, 8, 8)
    whole = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(2, 1)
    assert torch.allclose(resample(images, whole, mirrored=torch.tensor([False, False]), size=8), images, atol=1e-6)
