"""Each optimiser against its equations, written out for one tensor at a time in float64."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from dejavu_tui.config import OptimizerName
from dejavu_tui.encoders.checkpoints import to_bytes
from dejavu_tui.encoders.optimizers import make_optimizer, set_rates
from dejavu_tui.encoders.resume import Position, load_state, save_state
from tests.encoders.toys import toy_settings

Array: TypeAlias = NDArray[np.float64]
Rule: TypeAlias = Callable[[list[Array], Array, bool, list[tuple[float, float]]], Array]
RATES = [(0.2, 0.1), (0.4, 0.05), (0.3, 0.2), (0.1, 0.0), (0.05, 0.3)]
"""Learning rate and weight decay of five steps."""
MOMENTUM, ETA = 0.8, 0.001


def lars(gradients: list[Array], weights: Array, decaying: bool, rates: list[tuple[float, float]]) -> Array:
    """You, Gitman, Ginsburg 2017 (arXiv 1708.03888), equation 6; the learning rate of a step applies to all that
    is left of former steps (their algorithm 1 keeps each step's own), and nothing is adapted where nothing decays.

    lambda = eta |w| / (|g| + beta |w|); v = m v + lambda (g + beta w); w = w - gamma v
    """
    speed = np.zeros_like(weights)
    for gradient, (rate, decay) in zip(gradients, rates, strict=True):
        step = gradient
        if decaying and decay:
            local = ETA * np.linalg.norm(weights) / (np.linalg.norm(gradient) + decay * np.linalg.norm(weights))
            step = local * (gradient + decay * weights)
        speed = MOMENTUM * speed + step
        weights = weights - rate * speed
    return weights


def sgd(gradients: list[Array], weights: Array, decaying: bool, rates: list[tuple[float, float]]) -> Array:
    """v = m v + g + beta w; w = w - gamma v."""
    speed = np.zeros_like(weights)
    for gradient, (rate, decay) in zip(gradients, rates, strict=True):
        speed = MOMENTUM * speed + gradient + (decay * weights if decaying else 0)
        weights = weights - rate * speed
    return weights


def adamw(gradients: list[Array], weights: Array, decaying: bool, rates: list[tuple[float, float]]) -> Array:
    """Loshchilov, Hutter 2019 (arXiv 1711.05101), algorithm 2, with 0.9, 0.999 and 1e-8."""
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for count, (gradient, (rate, decay)) in enumerate(zip(gradients, rates, strict=True), 1):
        weights = weights * (1 - rate * decay) if decaying else weights
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        weights = weights - rate * (mean / (1 - 0.9**count)) / (np.sqrt(square / (1 - 0.999**count)) + 1e-8)
    return weights


RULES: dict[OptimizerName, Rule] = {"lars": lars, "sgd": sgd, "adamw": adamw}
each = pytest.mark.parametrize("name", RULES)


class Toy(nn.Module):
    """A weight that decays, a bias and a norm that do not, and a weight that is not trained."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(4, 3)
        self.norm = nn.BatchNorm1d(3)
        self.teacher = nn.Linear(4, 3).requires_grad_(False)

    def trained(self) -> dict[str, nn.Parameter]:
        return {name: one for name, one in self.named_parameters() if one.requires_grad}


def gradients(step: int) -> dict[str, torch.Tensor]:
    drawn = torch.Generator().manual_seed(step)
    return {name: torch.randn(one.shape, generator=drawn) for name, one in Toy().trained().items()}


def take(module: Toy, optimizer: torch.optim.Optimizer, steps: range) -> None:
    for step in steps:
        rate, decay = RATES[step]
        set_rates(optimizer, lr=rate, weight_decay=decay)
        for name, parameter in module.trained().items():
            parameter.grad = gradients(step)[name]
        optimizer.step()


@each
def test_five_steps_are_those_of_the_equations(name: OptimizerName) -> None:
    module = Toy()
    before = {key: one.detach().numpy().astype(np.float64) for key, one in module.trained().items()}
    teacher = module.teacher.weight.clone()
    take(module, make_optimizer(module, toy_settings(optimizer=name, momentum=MOMENTUM)), range(5))
    for key, parameter in module.trained().items():
        drawn = [gradients(step)[key].numpy().astype(np.float64) for step in range(5)]
        expected = RULES[name](drawn, before[key], key == "linear.weight", RATES)
        assert np.abs(expected - before[key]).max() > 1e-4
        assert np.allclose(parameter.detach().numpy(), expected, atol=2e-6)
    assert torch.equal(module.teacher.weight, teacher)


@each
def test_stopped_and_resumed_it_goes_on_to_the_same_bytes(name: OptimizerName, tmp_path: Path) -> None:
    settings = toy_settings(optimizer=name)
    whole, first, second = Toy(), Toy(), Toy()
    take(whole, make_optimizer(whole, settings), range(5))
    begun = make_optimizer(first, settings)
    take(first, begun, range(2))
    save_state(tmp_path, module=first, optimizer=begun, position=Position(2), identity={})
    goes_on = make_optimizer(second, settings)
    assert load_state(tmp_path, module=second, optimizer=goes_on, identity={}).step == 2
    take(second, goes_on, range(2, 5))
    assert to_bytes(second.state_dict()) == to_bytes(whole.state_dict())


def test_lars_takes_steps_in_proportion_to_the_weights_whatever_the_gradients_scale() -> None:
    lengths = []
    for scale in (1e-3, 1.0, 1e3):
        module = Toy()
        optimizer = make_optimizer(module, toy_settings(optimizer="lars", weight_decay=1e-9))
        set_rates(optimizer, lr=0.5, weight_decay=1e-9)
        before = module.linear.weight.detach().clone()
        module.linear.weight.grad = scale * gradients(0)["linear.weight"]
        optimizer.step()
        lengths.append(float((module.linear.weight.detach() - before).norm() / before.norm()))
    assert all(math.isclose(length, 0.5 * ETA, rel_tol=1e-3) for length in lengths)
