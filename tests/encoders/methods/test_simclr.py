"""The loss against equation 1 and algorithm 1 of arXiv 2002.05709."""

import math

import pytest
import torch
from torch import nn

from dejavu_tui.encoders.methods.simclr import Options, build
from dejavu_tui.encoders.network import Encoder

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


class Given(nn.Module):
    """An encoder whose views are embeddings already."""

    def forward(self, view: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (view,)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_loss_is_the_papers(temperature: float) -> None:
    module = build(Encoder("convnet", "4"), Options(temperature=temperature))
    module.encoder = Given()
    generator = torch.Generator().manual_seed(2)
    first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    loss, embedding = module((first, second))
    assert float(loss) == pytest.approx(oracle(first.tolist(), second.tolist(), temperature), rel=1e-9)
    assert torch.equal(embedding, first)


def test_batch_norm_sees_both_views_together() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options())
    views = [torch.rand(6, 3, 16, 16), torch.rand(6, 3, 16, 16) * 3]
    with torch.no_grad():
        _, embedding = module(views)
        together = encoder(torch.cat(views))[-1][:6]
    assert torch.allclose(embedding, together, atol=1e-5)
