"""The loss against equations 1 to 6 of arXiv 2105.04906, with the authors' scaling (see the method's docstring)."""

import math

import pytest
import torch

from dejavu_tui.encoders.methods.vicreg import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import Given, batch_of

Rows = list[list[float]]


def column(rows: Rows, place: int) -> list[float]:
    return [row[place] for row in rows]


def covariance(rows: Rows, i: int, j: int) -> float:
    n = len(rows)
    mean_i, mean_j = sum(column(rows, i)) / n, sum(column(rows, j)) / n
    return sum((row[i] - mean_i) * (row[j] - mean_j) for row in rows) / (n - 1)


def variance_term(rows: Rows) -> float:
    d = len(rows[0])
    return sum(max(0.0, 1 - math.sqrt(covariance(rows, j, j) + 1e-4)) for j in range(d)) / d


def covariance_term(rows: Rows) -> float:
    d = len(rows[0])
    return sum(covariance(rows, i, j) ** 2 for i in range(d) for j in range(d) if i != j) / d


def oracle(first: Rows, second: Rows, options: Options) -> float:
    n, d = len(first), len(first[0])
    pairs = zip(first, second, strict=True)
    invariance = sum((a - b) ** 2 for row, other in pairs for a, b in zip(row, other, strict=True)) / (n * d)
    variance = (variance_term(first) + variance_term(second)) / 2
    return (
        options.invariance * invariance
        + options.variance * variance
        + options.covariance * (covariance_term(first) + covariance_term(second))
    )


@pytest.mark.parametrize("options", [Options(), Options(invariance=3, variance=7, covariance=0.5)])
def test_loss_is_the_papers(options: Options) -> None:
    encoder = Encoder("convnet", "4")
    module = build(encoder, options, classes=1)
    module.encoder = Given()
    generator = torch.Generator().manual_seed(1)
    for scale in (0.3, 2.0):
        first, second = (scale * torch.randn(7, 5, generator=generator, dtype=torch.float64) for _ in range(2))
        loss, embedding, _ = module(batch_of(first, second))
        assert float(loss) == pytest.approx(oracle(first.tolist(), second.tolist(), options), rel=1e-9)
        assert torch.equal(embedding, first)


def test_defaults_are_the_papers() -> None:
    assert Options().model_dump() == {"invariance": 25.0, "variance": 25.0, "covariance": 1.0}


def test_batch_norm_sees_each_view_alone() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(), classes=1)
    first, second = torch.rand(6, 3, 16, 16), torch.rand(6, 3, 16, 16) * 3
    with torch.no_grad():
        embedding = module(batch_of(first, second)).embedding
        alone = encoder(first)[-1]
    assert torch.allclose(embedding, alone, atol=1e-5)
