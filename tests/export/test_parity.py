import numpy as np
import pytest
import torch

from dejavu_export.graph import encoder_graph
from dejavu_export.parity import TOLERANCE, _pictures, check_parity, measure_parity
from dejavu_tui.errors import ParityError
from tests.encoders.toys import SIZE
from tests.export.test_graph import card, encoder

MEAN, STD = (0.45,) * 3, (0.25,) * 3


def test_a_true_export_agrees_on_every_layer() -> None:
    network = encoder()
    parity = measure_parity(encoder_graph(network, card()), network, size=SIZE, mean=MEAN, std=STD)
    assert tuple(parity) == network.layers
    assert all(0 <= error < TOLERANCE / 3 for error in parity.values())
    check_parity(parity)


def test_a_difference_is_measured_against_the_layers_root_mean_square() -> None:
    network = encoder()
    model = encoder_graph(network, card())
    shift = 2e-3
    with torch.no_grad():
        network.get_parameter("projector.0.0.weight")[0] *= 1 + shift  # the first output of the first inner layer
    images = _pictures(7, size=SIZE)
    assert images.dtype == np.uint8
    parity = measure_parity(model, network, size=SIZE, mean=MEAN, std=STD)
    assert parity["backbone"] < TOLERANCE
    assert parity["projector.1"] > shift / 10
    with pytest.raises(ParityError, match=r"layer projector\.1: .* nothing was exported") as caught:
        check_parity(parity)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("error", [1.01e-4, float("inf"), float("nan")])
def test_any_layer_beyond_the_tolerance_is_refused(error: float) -> None:
    with pytest.raises(ParityError, match="layer b"):
        check_parity({"a": 0.0, "b": error})


def test_an_encoder_that_gives_no_numbers_is_refused() -> None:
    network = encoder()
    model = encoder_graph(network, card())
    with torch.no_grad():
        network.get_parameter("projector.1.weight")[0, 0] = float("nan")
    with pytest.raises(ParityError, match="layer projector"):
        check_parity(measure_parity(model, network, size=SIZE, mean=MEAN, std=STD))


def test_the_pictures_have_the_contrast_of_photographs() -> None:
    pictures = _pictures(32, size=SIZE) / 255
    assert 0.3 < pictures.mean() < 0.7
    assert 0.15 < pictures.std() < 0.35
    smooth = np.abs(np.diff(pictures, axis=1)).mean()
    assert smooth < 0.8 * np.abs(pictures - np.roll(pictures, 1, axis=0)).mean()
