"""The networks under a projector: images (n, 3, s, s) to backbone embeddings (n, width)."""

from collections.abc import Callable

from torch import nn
from torchvision.models import resnet

from dejavu_tui.encoders.names import check_arch


def convnet() -> tuple[nn.Module, int]:
    """Four 3x3 convolutions with batch norm and ReLU, strides 2, 2, 2, 1, and a mean over what is left.

    For small images: 32 pixels become 4 x 4 places.
    """
    channels = (3, 32, 64, 128, 256)
    layers: list[nn.Module] = []
    for before, after, stride in zip(channels, channels[1:], (2, 2, 2, 1), strict=False):
        layers += [
            nn.Conv2d(before, after, 3, stride, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels[-1]


def resnet18() -> tuple[nn.Module, int]:
    """Return torchvision's ResNet-18 without its classifier, with random weights."""
    return _headless(resnet.resnet18)


def resnet50() -> tuple[nn.Module, int]:
    """Return torchvision's ResNet-50 without its classifier, with random weights."""
    return _headless(resnet.resnet50)


_BUILDERS: dict[str, Callable[[], tuple[nn.Module, int]]] = {
    "convnet": convnet,
    "resnet18": resnet18,
    "resnet50": resnet50,
}


def build_backbone(arch: str) -> tuple[nn.Module, int]:
    """Return the network `arch` with random weights, and the width of its embedding.

    Raises RequestError: there is no such network.
    """
    return _BUILDERS[check_arch(arch)]()


def _headless(builder: Callable[..., resnet.ResNet]) -> tuple[nn.Module, int]:
    network = builder(weights=None)
    width = network.fc.in_features
    network.fc = nn.Identity()
    return network, width
