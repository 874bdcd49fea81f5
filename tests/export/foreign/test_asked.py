"""What is typed must be what a card can hold, and that is said before anything is computed."""

from typing import Any

import pytest

from dejavu_export.foreign.asked import Asked, Facts, Known, card_of, settle
from dejavu_tui.errors import RequestError
from dejavu_tui.records import MAX_LAYERS, MAX_SIZE

PIXELS: dict[str, Any] = {"size": 32, "mean": (0.5,) * 3, "std": (0.2,) * 3}


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ({"method": "SimCLR v2"}, "--method: cannot be 'SimCLR v2'; type at most 64 letters, digits, '.', '_' and"),
        ({"arch": "my net"}, "--arch: cannot be 'my net'; type at most 64 letters"),
        ({"arch": "x" * 65}, "--arch: cannot be 'x"),
        ({"epoch": 9_999_999}, "--epoch: cannot be '9999999'; type a number from 0 to 1,000,000"),
        ({"epoch": -1}, "--epoch: cannot be '-1'"),
        ({"train_size": 0}, "--train-size: cannot be '0'; type a number from 1 up"),
        ({"size": MAX_SIZE + 1}, "--size: cannot be '4097'; type a number from 1 to 4,096"),
        ({"mean": (float("nan"), 0.0, 0.0)}, r"--mean: cannot be '\(nan, 0.0, 0.0\)'; type three numbers"),
        ({"std": (0.0, 1.0, 1.0)}, "--std: cannot be .*; type three numbers above 0"),
    ],
)
def test_what_a_card_refuses_is_said_of_the_option(typed: dict[str, Any], match: str) -> None:
    settle(Asked(**PIXELS), Known())
    with pytest.raises(RequestError, match=match):
        settle(Asked(**{**PIXELS, **typed}), Known())


def test_a_card_holds_as_much_as_is_allowed() -> None:
    layers = [f"layer{place}" for place in range(MAX_LAYERS)]
    facts = Facts(method=None, epoch=1_000_000, size=MAX_SIZE, mean=(0.0,) * 3, std=(1.0,) * 3)
    card = card_of(facts, Asked(arch="x" * 64), dims=dict.fromkeys(layers, 1), layers=layers)
    assert (len(card.layers), card.input_size) == (MAX_LAYERS, MAX_SIZE)
