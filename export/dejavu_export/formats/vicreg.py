"""The full checkpoint of the VICReg authors' code (facebookresearch/vicreg, `model.pth`).

`model` holds `module.backbone.*`, a ResNet of torchvision's names whose padding is written apart from its first
convolution and is the same in all, and `module.projector.*`, one nn.Sequential; `epoch` counts epochs done.
"""

from pathlib import Path

from torch import nn

from dejavu_export.foreign.asked import IMAGENET_MEAN, IMAGENET_STD, Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import check_resnet, resnet_backbone, width_of
from dejavu_export.foreign.checkpoint import read_checkpoint, tensors_in, whole_number
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.mlp import build_mlp, flat_pieces
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return backbone and projector of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do."""
    check_resnet(asked.network)
    where = Path(checkpoint)
    found = read_checkpoint(where)
    epoch = whole_number(found.get("epoch"))
    facts = settle(asked, Known("vicreg", epoch, 224, IMAGENET_MEAN, IMAGENET_STD))
    weights = Weights(tensors_in(found.get("model"), where=where), where=where)
    backbone = resnet_backbone(asked.network)
    fill(backbone, weights.need("backbone."), name=asked.network, where=where)
    width = width_of(backbone, size=facts.size)
    pieces = flat_pieces(weights.take("projector."), where=where)
    projector, widths = build_mlp(pieces, width=width, activation=nn.ReLU, where=where)
    encoder = ForeignEncoder(backbone, width, projector, widths)
    return from_torch(encoder, facts, asked, left_out=weights.end())
