from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms import functional as tv

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders import augment
from dejavu_tui.encoders.augment import Views, finish_views, make_views
from dejavu_tui.encoders.plans import plan_views
from tests.encoders.toys import toy_images, toy_settings

STILL: dict[str, Any] = {"scale_min": 1, "scale_max": 1, "flip": 0, "jitter": 0, "grayscale": 0}
EVERYTHING = AugmentSettings(
    hue=0.1, blur=(0.5, 0.5), solarize=(0.3, 0.3), small_views=2, small_size=9, small_scale_max=0.5
)
CROPS_ALONE = EVERYTHING.model_copy(
    update={"jitter": 0.0, "grayscale": 0.0, "blur": (0.0, 0.0), "solarize": (0.0, 0.0)}
)
RAW: dict[str, Any] = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def views(settings: RunSettings, *, count: int = 24, only: Sequence[int] | None = None, epoch: int = 1) -> Views:
    """Views of the toy images at the places `only`; None: of all."""
    images = toy_images(count)
    places = list(range(count)) if only is None else list(only)
    return make_views(
        torch.from_numpy(images.pixels[places]),
        image_ids=images.image_ids[places],
        aspects=torch.from_numpy(images.aspects[places]),
        epoch=epoch,
        settings=settings,
    )


def flat(made: Views) -> list[Tensor]:
    return [*made.large, *made.small]


def original(count: int) -> Tensor:
    return torch.from_numpy(toy_images(count).pixels).permute(0, 3, 1, 2) / 255


def share(changed: Tensor) -> float:
    return float(changed.double().mean())


def test_there_are_two_large_views_and_the_small_ones_asked_for() -> None:
    made = views(toy_settings(augment=EVERYTHING))
    assert [view.shape for view in made.large] == [(24, 3, 16, 16)] * 2
    assert [view.shape for view in made.small] == [(24, 3, 9, 9)] * 2
    assert not torch.equal(*made.small)


@pytest.mark.parametrize("size", [16, 9])
def test_views_depend_on_the_image_and_the_epoch_alone(size: int) -> None:
    settings = toy_settings(augment=EVERYTHING, input_size=size)
    together = views(settings)
    for chosen in ([7, 2], [3], list(range(20, 4, -1))):
        for few, all_of_them in zip(flat(views(settings, only=chosen)), flat(together), strict=True):
            assert torch.equal(few, all_of_them[chosen])
    for later, now in zip(flat(views(settings, epoch=2)), flat(together), strict=True):
        assert not torch.equal(later, now)
    assert not torch.equal(*together.large)


def test_views_do_not_depend_on_the_pieces_in_which_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = toy_settings(augment=EVERYTHING)
    whole = views(settings)
    monkeypatch.setattr(augment, "_CACHED", 5 * 3 * 16 * 16)
    for pieces, one in zip(flat(views(settings)), flat(whole), strict=True):
        assert torch.equal(pieces, one)


def test_more_decisions_leave_those_of_before_as_they_were() -> None:
    before = views(toy_settings())
    after = views(toy_settings(augment=AugmentSettings(scale_min=0.3, small_views=1)))
    for one, other in zip(before.large, after.large, strict=True):
        assert torch.equal(one, other)


def test_views_without_any_change_are_the_normalised_images() -> None:
    settings = toy_settings(augment=AugmentSettings(**STILL), mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    for view in views(settings).large:
        expected = tv.normalize(original(24), list(settings.mean), list(settings.std))
        assert torch.allclose(view, expected, atol=1e-4)


def test_operations_follow_each_other_in_the_order_of_the_papers() -> None:
    """Crop, flip, jitter, grey, blur, solarise: torchvision's, one after the other, with the numbers drawn."""
    noise = torch.randint(0, 256, (24, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    ids, aspects = np.arange(24), torch.ones(24)

    def first_view(settings: AugmentSettings) -> Tensor:
        run = toy_settings(augment=settings, input_size=64, **RAW)
        return make_views(noise, image_ids=ids, aspects=aspects, epoch=1, settings=run).large[0]

    settings = toy_settings(augment=EVERYTHING, input_size=64)
    plan = next(plan_views(ids, aspects=aspects, epoch=1, settings=settings))
    assert all(chosen.any() for chosen in (plan.grey, plan.sigma > 0, plan.solarized))
    got = first_view(EVERYTHING)
    for place, image in enumerate(first_view(CROPS_ALONE)):
        changed, brightness, contrast, saturation, hue = (float(draw[place]) for draw in plan.jitter)
        if changed < 0.8:
            image = tv.adjust_brightness(image, 1 + (2 * brightness - 1) * 0.4)
            image = tv.adjust_contrast(image, 1 + (2 * contrast - 1) * 0.4)
            image = tv.adjust_saturation(image, 1 + (2 * saturation - 1) * 0.2)
            image = tv.adjust_hue(image, (2 * hue - 1) * 0.1)
        if plan.grey[place]:
            image = tv.rgb_to_grayscale(image, num_output_channels=3)
        if plan.sigma[place] > 0:
            image = tv.gaussian_blur(image, [7, 7], [float(plan.sigma[place])] * 2)
        if plan.solarized[place]:
            near = (image - 0.5).abs() < 1e-5  # may fall to either side
            image = torch.where(near, got[place], tv.solarize(image, 0.5))
        assert torch.allclose(got[place], image, atol=2e-5)


@pytest.mark.parametrize(
    ("change", "shares"),
    [
        ({"flip": 0.3}, (0.3, 0.3, 0.3)),
        ({"jitter": 0.6, "brightness": 0, "contrast": 0, "saturation": 1}, (0.6, 0.6, 0.6)),
        ({"grayscale": 0.2}, (0.2, 0.2, 0.2)),
        ({"solarize": (0.0, 0.2)}, (0.0, 0.2, 0.2)),
    ],
)
def test_changes_come_as_often_as_asked(change: dict[str, Any], shares: tuple[float, ...]) -> None:
    n = 2000
    ramp = torch.linspace(0, 220, 256).view(1, 16, 16, 1) + torch.tensor([0.0, 10.0, 30.0])
    asked = {**STILL, "small_views": 1, "small_size": 16, "small_scale_min": 1, "small_scale_max": 1, **change}
    made = make_views(
        ramp.to(torch.uint8).expand(n, -1, -1, -1),
        image_ids=np.arange(n),
        aspects=torch.ones(n),
        epoch=1,
        settings=toy_settings(augment=AugmentSettings(**asked), **RAW),
    )
    plain = ramp.to(torch.uint8).permute(0, 3, 1, 2) / 255
    for view, expected in zip(flat(made), shares, strict=True):
        changed = ((view - plain).abs() > 1e-4).flatten(1).any(1)
        assert share(changed) == pytest.approx(expected, abs=0.04)


def test_crops_that_were_made_elsewhere_end_as_those_made_here() -> None:
    settings = toy_settings(augment=EVERYTHING, **RAW)
    images = toy_images(24)
    plans = tuple(
        plan_views(images.image_ids, aspects=torch.from_numpy(images.aspects), epoch=1, settings=settings)
    )
    crops = [
        (view * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
        for view in flat(views(toy_settings(augment=CROPS_ALONE, **RAW)))
    ]
    ends = flat(finish_views(crops, plans=plans, settings=settings))
    for end, here, plan in zip(ends, flat(views(settings)), plans, strict=True):
        same = ~plan.solarized  # which turns what was rounded the other way to the other end
        assert (end - here)[same].abs().max() < 0.04
        assert (end - here).abs().mean() < 0.01
