"""Each tensor of a network must be there, whole, and what differs is shown."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from dejavu_export.foreign.weights import Weights, fill
from dejavu_tui.errors import ArtefactError

WHERE = Path("f.pth")


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))


def state(changed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {**network().state_dict(), **changed}


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"0.weight": torch.tensor([1.0, float("nan")])}, r"has numbers in n\.0\.weight that are not finite"),
        (
            {"1.bias": torch.tensor([1.0, float("inf")])},
            r"has numbers in n\.1\.bias that are not finite in float32",
        ),
        ({"1.running_var": torch.tensor([1.0, -1e-3])}, r"has variances below 0 in n\.1\.running_var; look at the"),
        ({"0.weight": torch.ones(2, 3, 0, 1)}, r"has n\.0\.weight without a number in it; choose another --arch"),
    ],
)
def test_numbers_that_no_trained_network_has_are_refused_where_they_are_used(
    changed: dict[str, Tensor], match: str
) -> None:
    tensors = {f"n.{name}": tensor for name, tensor in state(changed).items()}
    with pytest.raises(ArtefactError, match=f"f.pth: {match}"):
        Weights(tensors, where=WHERE).take("n.")
    weights = Weights(tensors, where=WHERE)
    weights.leave("n.")
    assert weights.end() == (f"n.* ({len(tensors)})",)


def test_a_mean_below_0_and_a_variance_of_0_are_usual() -> None:
    tensors = state({"1.running_mean": -torch.ones(2), "1.running_var": torch.zeros(2)})
    assert Weights(tensors, where=WHERE).take("").keys() == tensors.keys()


@pytest.mark.parametrize("counter", [torch.tensor(7.0), torch.tensor(7, dtype=torch.int32)])
def test_a_counter_of_another_type_is_a_counter(counter: Tensor) -> None:
    filled = network()
    fill(filled, state({"1.num_batches_tracked": counter}), name="it", where=WHERE)
    found = filled.state_dict()["1.num_batches_tracked"]
    assert (found.dtype, found.item()) == (torch.int64, 7)


@pytest.mark.parametrize(
    ("tensor", "match"),
    [
        (
            torch.ones(2, 3, 1, 1).long(),
            r"is \(2, 3, 1, 1\) of torch\.int64, not \(2, 3, 1, 1\) of torch\.fl",
        ),
        (torch.ones(2, 3), r"is \(2, 3\), not \(2, 3, 1, 1\);"),
    ],
)
def test_types_are_shown_where_they_differ(tensor: Tensor, match: str) -> None:
    with pytest.raises(ArtefactError, match=rf"is not it: 0\.weight {match}"):
        fill(network(), state({"0.weight": tensor}), name="it", where=WHERE)


def test_what_is_there_instead_is_shown() -> None:
    one = torch.ones(1)
    with pytest.raises(ArtefactError, match=r"lacks 0\.bias, 0\.weight, 1\.bias and 3 more and has enc\.x beside"):
        fill(network(), {"enc.x": one}, name="it", where=WHERE)
    with pytest.raises(ArtefactError, match=r"is not it: lacks 0\.bias, .* and 2 more and has just 0\.weight;"):
        fill(network(), {"0.weight": torch.ones(2, 3, 1, 1)}, name="it", where=WHERE)
    weights = Weights(dict.fromkeys(("q.a", "q.b", "q.c", "q.d"), one), where=WHERE)
    with pytest.raises(ArtefactError, match=r"has no backbone\.\*, but q\.a, q\.b, q\.c and 1 more; choose"):
        weights.need("backbone.")
    assert weights.need("q.").keys() == set("abcd")
