"""Networks of torchvision without their classifiers, and how wide their embeddings are."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torchvision import models

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.text import safe_text

CLASSIFIERS = ("fc.", "classifier.", "heads.", "head.")
"""How torchvision begins the names of what a classifier has beyond its backbone."""
SmallStem: TypeAlias = Literal["padding 1", "padding 2"]
_OTHER_INPUT = ("googlenet", "inception_v3")
"""Those whose published weights shift the colours within the network."""


def check_torchvision(arch: str, *, family: str = "") -> None:
    """Raise RequestError, naming the nearest, unless `arch` is a classifier of torchvision, of this `family`."""
    known = [name for name in models.list_models(models) if name not in _OTHER_INPUT and family in name]
    if arch not in known:
        what = f"no network '{safe_text(arch, limit=60)}' of torchvision is known to this format"
        raise RequestError(what, where="--arch", fix=nearest(arch, known))


def check_resnet(arch: str) -> None:
    """Raise RequestError, naming the nearest, unless `arch` is a ResNet of torchvision."""
    check_torchvision(arch, family="resne")


def torchvision_backbone(arch: str, *, size: int) -> nn.Module:
    """Return torchvision's network `arch` with its whole classifier taken off, its weights random.

    Of a VGG 7 x 7 places are left, one after the other: 25,088 numbers.
    """
    sized = {"image_size": size} if arch.startswith("vit_") else {}
    with torch.random.fork_rng(devices=[]):
        network: nn.Module = models.get_model(arch, weights=None, **sized)
    (classifier,) = (name for name, _ in network.named_children() if f"{name}." in CLASSIFIERS)
    setattr(network, classifier, nn.Identity())
    return network


def resnet_backbone(arch: str, *, small: SmallStem | None = None) -> nn.Module:
    """Return torchvision's ResNet `arch` with its classifier taken off, its weights random.

    With a `small` stem, for small images, its first convolution is 3 x 3 of stride 1, and it has no max pooling.
    """
    network = torchvision_backbone(arch, size=224)
    if small is not None:
        with torch.random.fork_rng(devices=[]):
            network.conv1 = nn.Conv2d(3, 64, 3, 1, 1 if small == "padding 1" else 2, bias=False)
        network.maxpool = nn.Identity()
    return network


def has_small_stem(tensors: Mapping[str, Tensor]) -> bool:
    """Tell whether the tensors of a ResNet begin with a 3 x 3 convolution."""
    first = tensors.get("conv1.weight")
    return first is not None and first.ndim == 4 and first.shape[-1] == 3


def width_of(backbone: nn.Module, *, size: int) -> int:
    """Return the width of the embeddings of images of `size` pixels a side.

    Raises RequestError: the network takes no such images.
    """
    try:
        with torch.no_grad():
            embedding = backbone.eval()(torch.zeros(1, 3, size, size))
    except Exception:  # each library has its own way to say so
        what = f"the network takes no images of {size} pixels a side"
        raise RequestError(what, where="--size", fix="type the size that it was trained with") from None
    return int(embedding.flatten(1).shape[1])
