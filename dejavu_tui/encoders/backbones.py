"""The networks under a projector: images (n, 3, s, s) to backbone embeddings (n, width).

All have random weights and no classifier. With the stem `large` they are as published, with `small` their first
layers are made for images of about 32 to 64 pixels; the convnet and the VGGs have one stem for all.
"""

from torch import nn
from torchvision.models import resnet, vgg

from dejavu_tui.config import Stem
from dejavu_tui.encoders.names import FAMILIES, Family, check_arch, check_input, patch_size
from dejavu_tui.encoders.vit import HEADS, Vit


def build_backbone(arch: str, *, stem: Stem, size: int) -> tuple[nn.Module, int]:
    """Return the network `arch` for images of `size` pixels a side, and the width of its embedding.

    Raises RequestError: there is no such network, or it takes no images of this size.
    """
    check_input(arch, stem=stem, size=size)
    family: Family = FAMILIES[check_arch(arch)]
    if family == "convnet":
        return _convnet()
    if family == "resnet":
        return _resnet(arch, stem=stem)
    if family == "vgg":
        return _vgg(arch)
    network = Vit(heads=HEADS[arch], size=size, patch=patch_size(stem, size=size))
    return network, network.width


def _convnet() -> tuple[nn.Module, int]:
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


def _resnet(arch: str, *, stem: Stem) -> tuple[nn.Module, int]:
    """Return torchvision's ResNet (He et al. 2015, arXiv 1512.03385).

    The small stem is that of SimCLR for CIFAR-10 (arXiv 2002.05709, appendix B.9): a 3x3 convolution of stride 1 in
    place of 7x7 with stride 2, and no max pooling.
    """
    builder = getattr(resnet, arch)
    network: resnet.ResNet = builder(weights=None)
    width = network.fc.in_features
    network.fc = nn.Identity()
    if stem == "small":
        network.conv1 = nn.Conv2d(3, network.conv1.out_channels, 3, 1, 1, bias=False)
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")  # as torchvision's
        network.maxpool = nn.Identity()
    return network, width


def _vgg(arch: str) -> tuple[nn.Module, int]:
    """Return torchvision's VGG with batch norm (Simonyan, Zisserman 2014, arXiv 1409.1556; Ioffe, Szegedy 2015).

    The embedding is the mean over the places of the last convolution. torchvision's 7 x 7 places, one after the
    other, would be 25,088 numbers, and for images of 32 pixels 49 times the same 512.
    """
    builder = getattr(vgg, arch)
    network: vgg.VGG = builder(weights=None)
    network.avgpool = nn.AdaptiveAvgPool2d(1)
    network.classifier = nn.Identity()
    return network, 512
