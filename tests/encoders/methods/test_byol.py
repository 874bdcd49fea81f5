"""The loss against equation 2 of arXiv 2006.07733 in both directions, and the target network's momentum."""

import math

import pytest
import torch
from torch import Tensor, nn

from dejavu_tui.encoders.learner import Moment
from dejavu_tui.encoders.methods.byol import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import Given, batch_of

Rows = list[list[float]]


class Reversed(Given):
    """A target network unlike the online one."""

    def forward(self, view: Tensor) -> tuple[Tensor, ...]:
        return (view.flip(1),)


def unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in row))
    return [value / length for value in row]


def distance(prediction: list[float], target: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(unit(prediction), unit(target), strict=True))


def oracle(first: Rows, second: Rows, predictor: Rows) -> float:
    def predict(row: list[float]) -> list[float]:
        return [sum(w * x for w, x in zip(weights, row, strict=True)) for weights in predictor]

    losses = [
        distance(predict(v), list(reversed(other))) + distance(predict(other), list(reversed(v)))
        for v, other in zip(first, second, strict=True)
    ]
    return sum(losses) / len(losses)


def test_loss_is_the_papers() -> None:
    module = build(Encoder("convnet", "4"), Options(), classes=1)
    generator = torch.Generator().manual_seed(4)
    first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    predictor = nn.Linear(5, 5, bias=False, dtype=torch.float64)
    module.encoder, module.teacher, module.predictor = Given(), Reversed(), predictor
    loss, embedding, _ = module(batch_of(first, second))
    assert loss.item() == pytest.approx(
        oracle(first.tolist(), second.tolist(), predictor.weight.tolist()), rel=1e-9
    )
    assert torch.equal(embedding, first)


@pytest.mark.parametrize("step", [0, 3, 10])
def test_the_targets_momentum_rises_to_one_on_a_cosine(step: int) -> None:
    encoder = Encoder("convnet", "4-4")
    module = build(encoder, Options(teacher_momentum=0.9), classes=1)
    before = [parameter.clone() for parameter in module.teacher.parameters()]
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(1)
    module.after_step(Moment(step, 10, 2))
    tau = 1 - (1 - 0.9) * (math.cos(math.pi * step / 10) + 1) / 2
    for old, new, online in zip(before, module.teacher.parameters(), encoder.parameters(), strict=True):
        assert torch.allclose(new, tau * old + (1 - tau) * online, atol=1e-6)


def test_the_target_starts_as_the_online_network_and_is_not_published() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(), classes=1)
    assert module.published is encoder
    assert module.teacher.training
    for name, tensor in module.teacher.state_dict().items():
        assert torch.equal(tensor, encoder.state_dict()[name])


def test_predictor_is_the_papers() -> None:
    module = build(Encoder("convnet", "512-256"), Options(), classes=1)
    kinds = [type(layer) for layer in module.predictor.modules() if not list(layer.children())]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    shapes = [tuple(one.shape) for one in module.predictor.parameters() if one.ndim == 2]
    assert shapes == [
        (4096, 256),
        (256, 4096),
    ]
