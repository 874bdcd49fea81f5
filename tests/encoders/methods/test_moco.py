"""The loss, the queue and the key encoder against equations 1 and 2 and algorithm 1 of arXiv 1911.05722."""

import math

import pytest
import torch
from torch import Tensor

from dejavu_tui.encoders.learner import Batch
from dejavu_tui.encoders.methods.moco import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import START, Given, batch_of

Rows = list[list[float]]


class Doubled(Given):
    """A key encoder unlike the query encoder."""

    def forward(self, view: Tensor) -> tuple[Tensor, ...]:
        return (2 * view.flip(1),)


def unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in row))
    return [value / length for value in row]


def dot(u: list[float], v: list[float]) -> float:
    return sum(a * b for a, b in zip(u, v, strict=True))


def oracle(queries: Rows, keys: Rows, queue: Rows, temperature: float) -> float:
    losses = []
    for query, key in zip(queries, keys, strict=True):
        q, positive = unit(query), unit(key)
        total = math.exp(dot(q, positive) / temperature)
        total += sum(math.exp(dot(q, negative) / temperature) for negative in queue)
        losses.append(-math.log(math.exp(dot(q, positive) / temperature) / total))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_loss_is_the_papers(temperature: float) -> None:
    module = build(Encoder("convnet", "5"), Options(temperature=temperature, queue=11), classes=1)
    module.encoder, module.teacher = Given(), Doubled()
    module.double()
    generator = torch.Generator().manual_seed(7)
    for _ in range(3):  # the queue is random at first, then mixed, then full of keys
        first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64) for _ in range(2))
        queue = module.queue.tolist()
        loss, embedding, _ = module(batch_of(first, second))
        wanted = oracle(first.tolist(), second.flip(1).tolist(), queue, temperature)
        assert loss.item() == pytest.approx(wanted, rel=1e-9)
        assert torch.equal(embedding, first)


@pytest.mark.parametrize("batches", [[3, 3], [3, 2, 3, 2, 3], [9], [4, 9, 2]])
def test_the_queue_keeps_the_latest_keys(batches: list[int]) -> None:
    module = build(Encoder("convnet", "1"), Options(queue=7), classes=1)
    module.encoder = module.teacher = Given()
    shown: list[float] = []
    for count in batches:
        # Keys of one dimension have only a sign, so what tells them apart is put there unseen by the loss.
        keys = torch.arange(len(shown), len(shown) + count, dtype=torch.float32)[:, None]
        module._enqueue(keys)
        shown += keys.flatten().tolist()
    latest = shown[-7:]
    kept = module.queue.flatten().tolist()
    assert set(latest) <= set(kept)
    if len(shown) >= 7:
        assert sorted(kept) == sorted(latest)


def test_keys_have_length_one_and_no_gradient() -> None:
    module = build(Encoder("convnet", "4"), Options(queue=12), classes=1)
    views = torch.rand(6, 3, 16, 16), torch.rand(6, 3, 16, 16)
    for _ in range(2):
        module(Batch(views, torch.zeros(6, dtype=torch.int64), START)).loss.backward()
    assert torch.allclose(module.queue.norm(dim=1), torch.ones(12), atol=1e-5)
    assert all(parameter.grad is None for parameter in module.teacher.parameters())


def test_the_key_encoder_follows_with_a_fixed_momentum_and_is_not_published() -> None:
    encoder = Encoder("convnet", "4-4").train()
    module = build(encoder, Options(teacher_momentum=0.75, queue=8), classes=1)
    before = [parameter.clone() for parameter in module.teacher.parameters()]
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(1)
    module.after_step(START)
    for old, new, query in zip(before, module.teacher.parameters(), encoder.parameters(), strict=True):
        assert torch.allclose(new, 0.75 * old + 0.25 * query, atol=1e-6)
    assert module.published is encoder
    assert module.teacher.training
