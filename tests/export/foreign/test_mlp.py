from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dejavu_export.foreign.mlp import build_mlp, flat_pieces, nested_pieces
from dejavu_tui.errors import ArtefactError
from tests.export.foreign.makers import shaken

WHERE = Path("f.pth")


@settings(max_examples=40, deadline=None)
@given(
    widths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    norms=st.lists(st.booleans(), min_size=4, max_size=4),
    biases=st.lists(st.booleans(), min_size=4, max_size=4),
    affine=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_projector_of_the_usual_pieces_is_read_back(
    widths: list[int], norms: list[bool], biases: list[bool], affine: bool, seed: int
) -> None:
    modules: list[nn.Module] = []
    before = 5
    for place, after in enumerate(widths):
        modules.append(nn.Linear(before, after, bias=biases[place]))
        modules += [nn.BatchNorm1d(after, affine=affine)] if norms[place] else []
        modules += [nn.GELU()] if place < len(widths) - 1 else []
        before = after
    theirs = shaken(nn.Sequential(*modules), seed=seed)
    pieces = flat_pieces(theirs.state_dict(), where=WHERE)
    ours, found = build_mlp(pieces, width=5, activation=nn.GELU, where=WHERE)
    images = torch.randn(3, 5, generator=torch.Generator().manual_seed(seed))
    assert found == tuple(widths)
    assert torch.equal(nn.Sequential(*ours).eval()(images), theirs(images))


def test_a_nested_projector_is_read_like_the_flat_one() -> None:
    inner = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU())
    theirs = shaken(nn.Sequential(inner, nn.Linear(4, 3, bias=False)))
    ours, widths = build_mlp(
        nested_pieces(theirs.state_dict(), where=WHERE), width=5, activation=nn.ReLU, where=WHERE
    )
    images = torch.randn(3, 5)
    assert widths == (4, 3)
    assert torch.equal(nn.Sequential(*ours).eval()(images), theirs(images))


def test_no_projector_is_none() -> None:
    assert build_mlp(flat_pieces({}, where=WHERE), width=5, activation=nn.ReLU, where=WHERE)[1] == ()


@pytest.mark.parametrize(
    ("tensors", "match"),
    [
        ({"0.weight": torch.ones(4, 6)}, r"weight is \(4, 6\), not \(4, 5\)"),
        ({"0.weight": torch.ones(4, 5), "1.weight": torch.ones(4)}, "lacks bias, running_mean, running_var"),
        ({"0.weight": torch.ones(4)}, "does not begin with a linear layer"),
        ({"1.weight": torch.ones(4, 5)}, "does not begin with a linear layer"),
        ({"0.weight": torch.ones(4, 5), "0.extra": torch.ones(4)}, "has extra beside"),
        ({"0.weight": torch.ones(4, 5).int()}, "weight is"),
        ({"999.weight": torch.ones(4, 5)}, "unknown pieces"),
        ({f"{place}.weight": torch.ones(5, 5) for place in range(64)}, "a projector of 64 linear layers or more"),
        ({"a.weight": torch.ones(4, 5)}, "has a.weight in its projector"),
    ],
)
def test_what_does_not_fit_is_refused(tensors: dict[str, Tensor], match: str) -> None:
    with pytest.raises(ArtefactError, match=match):
        build_mlp(flat_pieces(tensors, where=WHERE), width=5, activation=nn.ReLU, where=WHERE)
