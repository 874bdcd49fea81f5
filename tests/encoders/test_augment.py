import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms import functional as tv

from dejavu_tui.config import AugmentSettings
from dejavu_tui.encoders.augment import crop_boxes, make_views, recolour, resample
from dejavu_tui.encoders.draws import uniforms
from tests.encoders.toys import toy_images, toy_settings

RATIO = 4 / 3 + 1e-5


def draws(count: int, places: int, *, seed: int = 0) -> tuple[Tensor, ...]:
    drawn = uniforms(seed, epoch=1, image_ids=np.arange(count), views=1, count=places)[0]
    return torch.from_numpy(drawn).unbind(1)


@pytest.mark.parametrize("aspect", [1.0, 0.4, 1.5, 3.0])
@pytest.mark.parametrize(("low", "high"), [(0.08, 1.0), (0.08, 0.4), (0.5, 0.5)])
def test_crops_lie_inside_and_have_uniform_area(aspect: float, low: float, high: float) -> None:
    boxes = crop_boxes(
        draws(4000, 4), aspects=torch.full((4000,), aspect), settings=AugmentSettings(scale_min=low, scale_max=high)
    )
    x0, y0, width, height = boxes.double().unbind(1)
    assert min(x0.min(), y0.min()) >= 0
    assert max((x0 + width).max(), (y0 + height).max()) <= 1 + 1e-6
    area = width * height
    assert area.min() >= low - 1e-5
    assert area.max() <= high + 1e-5
    if low < high:
        counts = torch.histc(area, 10, low, high)
        assert ((counts - 400) ** 2 / 400).sum() < 40  # chi square with 9 degrees of freedom, p = 1e-5


@pytest.mark.parametrize("aspect", [1.0, 1.5])
def test_small_crops_have_the_aspect_ratios_of_torchvision_in_pixels(aspect: float) -> None:
    boxes = crop_boxes(draws(4000, 4), aspects=torch.full((4000,), aspect), settings=AugmentSettings(scale_max=0.3))
    ratio = (boxes[:, 2] / boxes[:, 3] * aspect).double()
    assert ratio.min() >= 1 / RATIO
    assert ratio.max() <= RATIO
    counts = torch.histc(ratio.log(), 10, -math.log(4 / 3), math.log(4 / 3))
    assert ((counts - 400) ** 2 / 400).sum() < 40


def test_a_crop_too_large_for_any_usual_ratio_takes_the_nearest_that_fits() -> None:
    boxes = crop_boxes(
        draws(100, 4), aspects=torch.full((100,), 3.0), settings=AugmentSettings(scale_min=0.9, scale_max=0.9)
    )
    assert torch.allclose(boxes[:, 2], torch.tensor(0.9), atol=1e-5)
    assert torch.allclose(boxes[:, 3], torch.tensor(1.0), atol=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
def test_resampling_is_torchvisions_crop_and_resize(mirrored: bool) -> None:
    images = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    top, left, height, width = 2, 5, 7, 9
    box = torch.tensor([[left / 16, top / 16, width / 16, height / 16]]).repeat(3, 1)
    got = resample(images, box, mirrored=torch.full((3,), mirrored))
    # what lies beside a crop is seen by the bilinear filter at its very edge: compare inside
    expected = tv.resized_crop(images, top, left, height, width, [16, 16], antialias=False)
    if mirrored:
        expected = tv.hflip(expected)
    assert torch.allclose(got[:, :, 2:-2, 2:-2], expected[:, :, 2:-2, 2:-2], atol=1e-5)


def test_the_whole_image_as_crop_is_the_image() -> None:
    images = torch.rand(2, 3, 8, 8)
    whole = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(2, 1)
    assert torch.allclose(resample(images, whole, mirrored=torch.tensor([False, False])), images, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_colours_change_as_in_torchvision(seed: int) -> None:
    settings = AugmentSettings(brightness=0.4, contrast=0.5, saturation=0.3, jitter=0.7, grayscale=0.3)
    images = torch.rand(20, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    drawn = draws(20, 5, seed=seed)
    got = recolour(images, drawn, settings=settings)
    for place, image in enumerate(images):
        changed, brightness, contrast, saturation, grey = (float(draw[place]) for draw in drawn)
        if changed < settings.jitter:
            image = tv.adjust_brightness(image, 1 + (2 * brightness - 1) * 0.4)
            image = tv.adjust_contrast(image, 1 + (2 * contrast - 1) * 0.5)
            image = tv.adjust_saturation(image, 1 + (2 * saturation - 1) * 0.3)
        if grey < settings.grayscale:
            image = tv.rgb_to_grayscale(image, num_output_channels=3)
        assert torch.allclose(got[place], image, atol=1e-5)


def test_greys_come_as_often_as_asked() -> None:
    images = torch.rand(1, 3, 4, 4).expand(3000, -1, -1, -1)
    views = recolour(images, draws(3000, 5), settings=AugmentSettings(jitter=0, grayscale=0.2))
    grey = (views.amax(dim=1) - views.amin(dim=1)).amax(dim=(1, 2)) == 0
    assert 0.17 < grey.double().mean() < 0.23
    assert torch.equal(views[~grey], images[~grey])


def test_flips_come_as_often_as_asked() -> None:
    ramp = torch.arange(0, 160, 10, dtype=torch.uint8).view(1, 1, 16, 1).expand(2000, 16, 16, 3)
    settings = toy_settings(augment=AugmentSettings(scale_min=1, flip=0.3, jitter=0, grayscale=0))
    views = make_views(ramp, image_ids=np.arange(2000), aspects=torch.ones(2000), epoch=1, settings=settings)
    for view in views.large:
        flipped = view[:, 0, 0, 0] > view[:, 0, 0, -1]
        assert 0.26 < flipped.double().mean() < 0.34


def test_views_depend_on_the_image_and_the_epoch_alone() -> None:
    images = toy_images(10)
    settings = toy_settings()
    pixels, aspects = torch.from_numpy(images.pixels), torch.from_numpy(images.aspects)

    def views(places: list[int], epoch: int = 1) -> tuple[Tensor, ...]:
        ids = images.image_ids[places]
        return make_views(pixels[places], image_ids=ids, aspects=aspects[places], epoch=epoch, settings=settings).large

    together = views(list(range(10)))
    assert len(together) == 2
    for view, all_views in zip(views([7, 2]), together, strict=True):
        assert torch.equal(view, all_views[[7, 2]])
    assert not torch.equal(together[0], together[1])
    assert not torch.equal(views([3], epoch=2)[0], views([3])[0])


def test_views_without_any_change_are_the_normalised_images() -> None:
    images = toy_images(4)
    still = AugmentSettings(scale_min=1, scale_max=1, flip=0, jitter=0, grayscale=0)
    settings = toy_settings(augment=still, mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    for view in make_views(
        torch.from_numpy(images.pixels),
        image_ids=images.image_ids,
        aspects=torch.ones(4),
        epoch=1,
        settings=settings,
    ).large:
        planes = images.pixels.transpose(0, 3, 1, 2) / 255
        expected = (planes - np.reshape(settings.mean, (1, 3, 1, 1))) / np.reshape(settings.std, (1, 3, 1, 1))
        assert np.allclose(view.numpy(), expected, atol=1e-4)
