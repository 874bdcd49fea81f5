import subprocess
import sys
from typing import get_args

import pytest
import torch
from torchvision.models import resnet

from dejavu_tui.config import Stem
from dejavu_tui.encoders.names import ARCHS
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import RequestError

WIDTHS = {
    "convnet": 256,
    "resnet18": 512,
    "resnet34": 512,
    "resnet50": 2048,
    "resnet101": 2048,
    "vgg11_bn": 512,
    "vgg16_bn": 512,
    "vit-tiny": 192,
    "vit-small": 384,
}
PARAMETERS = {"resnet18": 11_176_512, "resnet50": 23_508_032, "vgg16_bn": 14_723_136, "vit-small": 21_665_664}
"""He et al. and torchvision: 11,689,512 and 25,557,032 with a classifier of 1000; VGG-16's convolutions; timm."""


@pytest.mark.parametrize("stem", get_args(Stem))
@pytest.mark.parametrize("arch", ARCHS)
def test_every_layer_has_its_name_and_width(arch: str, stem: Stem) -> None:
    with torch.device("meta"):
        encoder = Encoder(arch, "24-16-8", stem=stem, size=32).eval()
        outputs = encoder(torch.zeros(2, 3, 32, 32))
    assert encoder.layers == ("backbone", "projector.1", "projector.2", "projector")
    assert [tuple(output.shape) for output in outputs] == [(2, WIDTHS[arch]), (2, 24), (2, 16), (2, 8)]
    assert list(encoder.dims.values()) == [WIDTHS[arch], 24, 16, 8]


@pytest.mark.parametrize(("arch", "parameters"), PARAMETERS.items())
def test_a_large_network_has_the_parameters_of_the_published_one(arch: str, parameters: int) -> None:
    with torch.device("meta"):
        encoder = Encoder(arch, "8")
    assert sum(weights.numel() for weights in encoder.backbone.parameters()) == parameters


def test_the_small_stem_of_a_resnet_keeps_the_resolution_and_all_else() -> None:
    torch.manual_seed(0)
    small = Encoder("resnet18", "4", stem="small", size=32).backbone
    assert isinstance(small, resnet.ResNet)
    assert small.conv1.weight.shape == (64, 3, 3, 3)
    assert small.layer1(small.maxpool(small.conv1(torch.zeros(1, 3, 32, 32)))).shape == (1, 64, 32, 32)
    assert float(small.conv1.weight.std().detach()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
    with torch.device("meta"):
        large = Encoder("resnet18", "4").backbone
    shapes = ({name: weights.shape for name, weights in one.state_dict().items()} for one in (small, large))
    few, many = shapes
    assert {name for name in many if few.get(name) != many[name]} == {"conv1.weight"}


def test_a_projector_of_one_layer_is_linear_without_bias() -> None:
    encoder = Encoder("convnet", "5").eval()
    assert encoder.layers == ("backbone", "projector")
    with torch.no_grad():
        backbone, projector = encoder(torch.rand(3, 3, 16, 16))
    assert torch.allclose(projector, backbone @ encoder.projector[0].weight.T)


def test_an_unknown_network_names_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"did you mean 'resnet18'"):
        Encoder("resnet-18", "4")


def test_a_vit_is_built_without_a_socket_or_a_thread() -> None:
    code = (
        "import sys, threading\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith('socket.') and event != 'socket.__new__': raise SystemExit(event)\n"
        "sys.addaudithook(refuse)\n"
        "from dejavu_tui.encoders.network import Encoder\n"
        "Encoder('vit-tiny', '4', stem='small', size=32)\n"
        "sys.exit(threading.active_count() - 1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
