"""The loss against equations 1 to 4 of arXiv 2011.10566."""

import math

import pytest
import torch
from torch import nn

from dejavu_tui.encoders.methods.simsiam import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import Given, batch_of

Rows = list[list[float]]


def negative_cosine(p: list[float], z: list[float]) -> float:
    dot = sum(a * b for a, b in zip(p, z, strict=True))
    return -dot / math.sqrt(sum(a * a for a in p)) / math.sqrt(sum(b * b for b in z))


def oracle(first: Rows, second: Rows, predictor: Rows) -> float:
    def predict(row: list[float]) -> list[float]:
        return [sum(w * x for w, x in zip(weights, row, strict=True)) for weights in predictor]

    losses = [
        negative_cosine(predict(z1), z2) / 2 + negative_cosine(predict(z2), z1) / 2
        for z1, z2 in zip(first, second, strict=True)
    ]
    return sum(losses) / len(losses)


def test_loss_is_the_papers() -> None:
    module = build(Encoder("convnet", "4"), Options(), classes=1)
    generator = torch.Generator().manual_seed(5)
    first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    predictor = nn.Linear(5, 5, bias=False, dtype=torch.float64)
    module.encoder, module.predictor = Given(), predictor
    loss, embedding, _ = module(batch_of(first, second))
    assert loss.item() == pytest.approx(
        oracle(first.tolist(), second.tolist(), predictor.weight.tolist()), rel=1e-9
    )
    assert torch.equal(embedding, first)


def test_no_gradient_passes_through_the_target() -> None:
    module = build(Encoder("convnet", "4"), Options(), classes=1)
    first, second = (torch.randn(6, 4, requires_grad=True) for _ in range(2))
    module.encoder, module.predictor = Given(), nn.Identity()
    module(batch_of(first, second)).loss.backward()
    stopped = -(
        nn.functional.cosine_similarity(first, second.detach()).mean()
        + nn.functional.cosine_similarity(second, first.detach()).mean()
    )
    wanted = torch.autograd.grad(stopped / 2, (first, second))
    assert first.grad is not None
    assert second.grad is not None
    assert torch.allclose(first.grad, wanted[0], atol=1e-7)
    assert torch.allclose(second.grad, wanted[1], atol=1e-7)


def test_predictor_is_the_papers_bottleneck() -> None:
    module = build(Encoder("convnet", "64-2048"), Options(), classes=1)
    shapes = [tuple(one.shape) for one in module.predictor.parameters() if one.ndim == 2]
    assert shapes == [
        (512, 2048),
        (2048, 512),
    ]
