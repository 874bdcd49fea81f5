import pytest
import torch

from dejavu_tui.encoders import backbones
from dejavu_tui.encoders.names import ARCHS
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import RequestError


@pytest.mark.parametrize(("arch", "width"), [("convnet", 256), ("resnet18", 512), ("resnet50", 2048)])
def test_every_layer_has_its_name_and_width(arch: str, width: int) -> None:
    encoder = Encoder(arch, "24-16-8").eval()
    with torch.no_grad():
        outputs = encoder(torch.zeros(2, 3, 32, 32))
    assert encoder.layers == ("backbone", "projector.1", "projector.2", "projector")
    assert [tuple(output.shape) for output in outputs] == [(2, width), (2, 24), (2, 16), (2, 8)]
    assert list(encoder.dims.values()) == [width, 24, 16, 8]


def test_a_projector_of_one_layer_is_linear_without_bias() -> None:
    encoder = Encoder("convnet", "5").eval()
    assert encoder.layers == ("backbone", "projector")
    with torch.no_grad():
        backbone, projector = encoder(torch.rand(3, 3, 16, 16))
    assert torch.allclose(projector, backbone @ encoder.projector[0].weight.T)


def test_the_names_known_without_torch_are_the_networks() -> None:
    assert set(ARCHS) == set(backbones._BUILDERS)


def test_an_unknown_network_names_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"did you mean 'resnet18'"):
        Encoder("resnet-18", "4")
