"""The loss against equations 1 and 2 of arXiv 2103.03230, with batch norm's epsilon."""

import math

import pytest
import torch

from dejavu_tui.encoders.methods.barlow import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import Given, batch_of

Rows = list[list[float]]


def standardised(rows: Rows) -> Rows:
    n = len(rows)
    columns = []
    for column in zip(*rows, strict=True):
        mean = sum(column) / n
        deviation = math.sqrt(sum((value - mean) ** 2 for value in column) / n + 1e-5)
        columns.append([(value - mean) / deviation for value in column])
    return [list(row) for row in zip(*columns, strict=True)]


def terms(first: Rows, second: Rows) -> tuple[float, float]:
    one, other = standardised(first), standardised(second)
    n, d = len(first), len(first[0])
    c = [[sum(one[b][i] * other[b][j] for b in range(n)) / n for j in range(d)] for i in range(d)]
    return sum((1 - c[i][i]) ** 2 for i in range(d)), sum(
        c[i][j] ** 2 for i in range(d) for j in range(d) if i != j
    )


@pytest.mark.parametrize("redundancy", [0.005, 0.7])
@pytest.mark.parametrize("width", [1, 5])
def test_loss_is_the_papers(redundancy: float, width: int) -> None:
    module = build(Encoder("convnet", "4"), Options(redundancy=redundancy), classes=1)
    module.encoder = Given()
    generator = torch.Generator().manual_seed(1)
    first, second = (3 * torch.randn(7, width, generator=generator, dtype=torch.float64) + 1 for _ in range(2))
    loss, embedding, parts = module(batch_of(first, second))
    invariance, beside = terms(first.tolist(), second.tolist())
    assert float(loss) == pytest.approx(invariance + redundancy * beside, rel=1e-9)
    assert {name: float(part) for name, part in parts.items()} == pytest.approx(
        {"invariance": invariance, "redundancy": beside}
    )
    assert torch.equal(embedding, first)


def test_one_view_twice_without_correlation_costs_nothing() -> None:
    module = build(Encoder("convnet", "4"), Options(), classes=1)
    module.encoder = Given()
    rows = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert float(module(batch_of(rows, 5 * rows + 2)).loss) == pytest.approx(0, abs=1e-6)


def test_defaults_are_the_papers() -> None:
    assert Options().model_dump() == {"redundancy": 5e-3}


def test_batch_norm_sees_each_view_alone() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(), classes=1)
    first, second = torch.rand(6, 3, 16, 16), torch.rand(6, 3, 16, 16) * 3
    with torch.no_grad():
        embedding = module(batch_of(first, second)).embedding
        alone = encoder(first)[-1]
    assert torch.allclose(embedding, alone, atol=1e-5)
