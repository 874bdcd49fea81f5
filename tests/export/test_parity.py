import numpy as np
import pytest
import torch

from dejavu_export.graph import encoder_graph
from dejavu_export.parity import TOLERANCE, Parity, RealImages, _nearest, _pictures, check_parity, measure_parity
from dejavu_tui.errors import ParityError
from tests.encoders.toys import SIZE
from tests.export.test_graph import card, encoder

MEAN, STD = (0.45,) * 3, (0.25,) * 3


def test_a_true_export_agrees_on_every_layer() -> None:
    network = encoder()
    parity = measure_parity(encoder_graph(network, card()), network, size=SIZE, mean=MEAN, std=STD)
    assert tuple(parity.errors) == network.layers
    assert parity.neighbours is None
    assert all(0 <= error < TOLERANCE / 3 for error in parity.errors.values())
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
    assert parity.errors["backbone"] < TOLERANCE
    assert parity.errors["projector.1"] > shift / 10
    with pytest.raises(ParityError, match=r"layer projector\.1: .* nothing was exported") as caught:
        check_parity(parity)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("error", [1.01e-4, float("inf"), float("nan")])
def test_any_layer_beyond_the_tolerance_is_refused(error: float) -> None:
    with pytest.raises(ParityError, match="layer b"):
        check_parity(Parity({"a": 0.0, "b": error}))


def test_an_encoder_that_gives_no_numbers_is_refused() -> None:
    network = encoder()
    model = encoder_graph(network, card())
    with torch.no_grad():
        network.get_parameter("projector.1.weight")[0, 0] = float("nan")
    with pytest.raises(ParityError, match="layer projector"):
        check_parity(measure_parity(model, network, size=SIZE, mean=MEAN, std=STD))


def real(public: int = 40, crops: int = 9) -> RealImages:
    return RealImages(*(_pictures(count, size=SIZE) for count in (public, crops)))


@pytest.mark.parametrize("public", [5, 40])
def test_on_real_images_the_neighbours_are_the_same(public: int) -> None:
    network = encoder()
    model = encoder_graph(network, card())
    parity = measure_parity(model, network, size=SIZE, mean=MEAN, std=STD, real=real(public))
    assert parity.neighbours == 1
    check_parity(parity)


def test_neighbours_of_another_network_are_not_the_same() -> None:
    model = encoder_graph(encoder(), card())
    with torch.random.fork_rng():
        torch.manual_seed(5)
        other = encoder()
        for parameter in other.parameters():
            parameter.data = torch.randn_like(parameter)
    parity = measure_parity(model, other, size=SIZE, mean=MEAN, std=STD, real=real())
    assert parity.neighbours is not None
    assert 0.2 < parity.neighbours < 0.95
    assert max(parity.errors.values()) > 0.1


def test_neighbours_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(0)
    public, crops = rng.normal(size=(50, 6)).astype(np.float32), rng.normal(size=(7, 6)).astype(np.float32)
    distances = np.sqrt(((crops[:, None].astype(np.float64) - public) ** 2).sum(axis=2))
    assert np.array_equal(_nearest(public, crops), np.argsort(distances, axis=1)[:, :20])


def test_fewer_equal_neighbours_than_asked_for_are_refused() -> None:
    check_parity(Parity({"a": 0.0}, 0.999))
    for share in (0.9989, float("nan")):
        with pytest.raises(ParityError, match="of the neighbours that the network finds"):
            check_parity(Parity({"a": 0.0}, share))


def test_the_pictures_have_the_contrast_of_photographs() -> None:
    pictures = _pictures(32, size=SIZE) / 255
    assert 0.3 < pictures.mean() < 0.7
    assert 0.15 < pictures.std() < 0.35
    smooth = np.abs(np.diff(pictures, axis=1)).mean()
    assert smooth < 0.8 * np.abs(pictures - np.roll(pictures, 1, axis=0)).mean()
