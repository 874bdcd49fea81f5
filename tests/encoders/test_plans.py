import numpy as np
import pytest
import torch

from dejavu_tui.config import AugmentSettings
from dejavu_tui.encoders.plans import ViewPlan, plan_views
from tests.encoders.toys import toy_settings
from tests.encoders.uniform import seems_uniform

N = 4000
SETTINGS = AugmentSettings(
    blur=(0.9, 0.1), solarize=(0.0, 0.2), small_views=2, small_size=56, small_scale_min=0.1, small_scale_max=0.4
)


def plans(settings: AugmentSettings = SETTINGS) -> list[ViewPlan]:
    run = toy_settings(augment=settings, input_size=112)
    return list(plan_views(np.arange(N), aspects=torch.ones(N), epoch=1, settings=run))


def test_views_have_the_sizes_and_crops_of_their_kind() -> None:
    assert [plan.size for plan in plans()] == [112, 112, 56, 56]
    for plan, (low, high) in zip(plans(), [(0.08, 1.0)] * 2 + [(0.1, 0.4)] * 2, strict=True):
        assert seems_uniform(plan.boxes[:, 2] * plan.boxes[:, 3], low - 1e-5, high + 1e-5)


def test_views_are_blurred_and_solarised_as_often_and_as_much_as_asked() -> None:
    for plan, blur, solarize in zip(plans(), (0.9, 0.1, 0.1, 0.1), (0.0, 0.2, 0.2, 0.2), strict=True):
        assert float((plan.sigma > 0).double().mean()) == pytest.approx(blur, abs=0.03)
        assert float(plan.solarized.double().mean()) == pytest.approx(solarize, abs=0.03)
        assert seems_uniform(plan.sigma[plan.sigma > 0], 0.1 * plan.size / 224, 2 * plan.size / 224)


def test_decisions_are_independent_of_each_other() -> None:
    decided = [
        values.double()
        for plan in plans(AugmentSettings(blur=(0.5, 0.5), solarize=(0.5, 0.5), grayscale=0.5, small_views=1))
        for values in (
            *plan.boxes[:, 2:].unbind(1),
            plan.mirrored,
            *plan.jitter,
            plan.grey,
            plan.sigma,
            plan.solarized,
        )
    ]
    matrix = torch.corrcoef(torch.stack(decided))
    places = len(decided) // 3
    for view in range(3):  # the width and height of one crop belong together
        matrix[view * places, view * places + 1] = matrix[view * places + 1, view * places] = 0
    assert (matrix - torch.eye(len(decided))).abs().max() < 5.5 / N**0.5


def test_a_part_of_a_plan_is_the_plan_of_a_part() -> None:
    run = toy_settings(augment=SETTINGS)
    few = plan_views(np.arange(10, 30), aspects=torch.ones(20), epoch=1, settings=run)
    everything = plan_views(np.arange(N), aspects=torch.ones(N), epoch=1, settings=run)
    for own, whole in zip(few, everything, strict=True):
        part = whole.of(slice(10, 30))
        for name in ("boxes", "mirrored", "grey", "sigma", "solarized"):
            assert torch.equal(getattr(own, name), getattr(part, name))
        assert torch.equal(torch.stack(own.jitter), torch.stack(part.jitter))
