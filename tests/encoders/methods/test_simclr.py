"""The loss against equation 1 and algorithm 1 of arXiv 2002.05709."""

import math

import pytest
import torch

from dejavu_tui.encoders.methods.simclr import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import Given, batch_of

Rows = list[list[float]]


def cosine(u: list[float], v: list[float]) -> float:
    dot = sum(a * b for a, b in zip(u, v, strict=True))
    return dot / (math.sqrt(sum(a * a for a in u)) * math.sqrt(sum(b * b for b in v)))


def pair_loss(z: Rows, i: int, j: int, temperature: float) -> float:
    others = [math.exp(cosine(z[i], z[k]) / temperature) for k in range(len(z)) if k != i]
    return -math.log(math.exp(cosine(z[i], z[j]) / temperature) / sum(others))


def oracle(first: Rows, second: Rows, temperature: float) -> float:
    z = [
        row for pair in zip(first, second, strict=True) for row in pair
    ]  # z[2k] and z[2k + 1] are one image's views
    n = len(first)
    losses = (
        pair_loss(z, 2 * k, 2 * k + 1, temperature) + pair_loss(z, 2 * k + 1, 2 * k, temperature) for k in range(n)
    )
    return sum(losses) / (2 * n)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_loss_is_the_papers(temperature: float) -> None:
    module = build(Encoder("convnet", "4"), Options(temperature=temperature), classes=1)
    module.encoder = Given()
    generator = torch.Generator().manual_seed(2)
    first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    loss, embedding, _ = module(batch_of(first, second))
    assert float(loss) == pytest.approx(oracle(first.tolist(), second.tolist(), temperature), rel=1e-9)
    assert torch.equal(embedding, first)


def test_batch_norm_sees_both_views_together() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(), classes=1)
    first, second = torch.rand(6, 3, 16, 16), torch.rand(6, 3, 16, 16) * 3
    with torch.no_grad():
        embedding = module(batch_of(first, second)).embedding
        together = encoder(torch.cat((first, second)))[-1][:6]
    assert torch.allclose(embedding, together, atol=1e-5)
