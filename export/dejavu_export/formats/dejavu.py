"""Checkpoints of the déjà vu paper's code (facebookresearch/DejaVu, `model_ep*.pth` and `final_weights.pt`).

`model`, or the file itself, holds `module.net.*`, a network of torchvision, and `module.projector.*`, an
nn.Sequential of blocks, whose widths are read from the shapes; `epoch` counts epochs done. The method is not in the
file. Of BYOL the predictor, of Barlow Twins the batch norm of the loss, of the supervised encoder the classifier
are left out (METHOD section 5).
"""

from pathlib import Path

from torch import nn

from dejavu_export.foreign.asked import IMAGENET_MEAN, IMAGENET_STD, Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import check_torchvision, torchvision_backbone, width_of
from dejavu_export.foreign.checkpoint import read_checkpoint, tensors_in, whole_number
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.mlp import build_mlp, nested_pieces
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return backbone and projector of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do."""
    check_torchvision(asked.network)
    where = Path(checkpoint)
    found = read_checkpoint(where)
    epoch = whole_number(found.get("epoch"))
    facts = settle(asked, Known(None, epoch, 224, IMAGENET_MEAN, IMAGENET_STD))
    weights = Weights(tensors_in(found.get("model", found), where=where), where=where)
    backbone = torchvision_backbone(asked.network, size=facts.size)
    fill(backbone, weights.need("net."), name=asked.network, where=where)
    width = width_of(backbone, size=facts.size)
    pieces = nested_pieces(weights.take("projector."), where=where)
    projector, widths = build_mlp(pieces, width=width, activation=nn.ReLU, where=where)
    weights.leave("predictor.", "bn.", "fc.")
    encoder = ForeignEncoder(backbone, width, projector, widths)
    return from_torch(encoder, facts, asked, left_out=weights.end())
