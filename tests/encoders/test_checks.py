import pytest
import torch
from torch import nn

from dejavu_tui.encoders.checks import check_step, check_weights, embedding_spread
from dejavu_tui.errors import TrainingError


def test_spread_is_one_in_all_directions_and_zero_for_one_point() -> None:
    assert float(embedding_spread(torch.randn(4000, 16))) == pytest.approx(1, abs=0.02)
    assert float(embedding_spread(torch.ones(50, 16))) == pytest.approx(0, abs=1e-5)
    assert float(embedding_spread(torch.rand(50, 1) * torch.ones(16))) == pytest.approx(0, abs=1e-5)
    assert float(embedding_spread(torch.randn(50, 16) * 1e-8)) < 1e-4
    assert float(embedding_spread(torch.randn(400, 16).bfloat16())) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("loss", "spread", "said"),
    [
        (float("nan"), 0.5, r"here: the loss is nan; try a lower learning rate \(--set lr=0.25\)"),
        (float("inf"), 0.5, "the loss is inf"),
        (1.0, 1e-4, r"here: the embeddings have collapsed \(spread 1.0e-04\); try a lower .* or a larger batch"),
    ],
)
def test_a_step_that_leads_nowhere_is_refused_with_what_to_try(loss: float, spread: float, said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        check_step(loss=loss, spread=spread, where="here", lr=1)
    check_step(loss=1.0, spread=0.5, where="here", lr=1)


def test_weights_that_are_not_finite_are_named() -> None:
    norm = nn.BatchNorm1d(2)
    module = nn.Sequential(nn.Linear(2, 2), norm)
    check_weights(module, where="here", lr=1)
    norm.get_buffer("running_var")[1] = torch.inf
    with pytest.raises(TrainingError, match=r"here: the weights 1.running_var are not finite"):
        check_weights(module, where="here", lr=1)
