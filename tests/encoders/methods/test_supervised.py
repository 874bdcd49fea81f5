"""The loss against the cross-entropy of the audited paper (arXiv 2304.13850, section 4), on both views."""

import math

import pytest
import torch
from torch import nn

from dejavu_tui.encoders.methods.supervised import Options, build
from dejavu_tui.encoders.network import Encoder
from tests.encoders.toys import CLASSES, Given, batch_of


def cross_entropy(row: list[float], label: int, smoothing: float) -> float:
    log_total = math.log(sum(math.exp(value) for value in row))
    hit = log_total - row[label]
    spread = sum(log_total - value for value in row) / len(row)
    return (1 - smoothing) * hit + smoothing * spread


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_is_the_papers(smoothing: float) -> None:
    module = build(Encoder("convnet", "4"), Options(label_smoothing=smoothing), classes=CLASSES)
    module.encoder, module.classifier = Given(), nn.Linear(5, CLASSES, dtype=torch.float64)
    generator = torch.Generator().manual_seed(6)
    first, second = (torch.randn(7, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    shown = batch_of(first, second)
    loss, embedding, _ = module(shown)
    scores = [module.classifier(view).tolist() for view in (first, second)]
    losses = [
        cross_entropy(row, label, smoothing)
        for view in scores
        for row, label in zip(view, shown.labels.tolist(), strict=True)
    ]
    assert loss.item() == pytest.approx(sum(losses) / 14, rel=1e-9)
    assert torch.equal(embedding, first)


def test_the_classifier_has_the_audits_classes_and_is_no_layer() -> None:
    encoder = Encoder("convnet", "16-8")
    module = build(encoder, Options(), classes=7)
    assert module.classifier.weight.shape == (7, 8)
    assert module.published is encoder
    assert not any("classifier" in name for name in module.published.state_dict())
