"""Checkpoints of solo-learn (vturrisi/solo-learn), with a ResNet.

`state_dict`, or the file itself, holds `backbone.*` (before 2022 `encoder.*`), a ResNet of torchvision, and
`projector.*`, one nn.Sequential. For CIFAR the ResNet begins with a 3 x 3 convolution of padding 2, and has no max
pooling. Of DINO the teacher's are taken, `momentum_backbone.*` and `momentum_head.mlp.*`, whose activation is GELU.
The online classifiers, predictors, momentum encoders, queues and prototypes are left out (METHOD section 5).
"""

from pathlib import Path

from torch import nn

from dejavu_export.foreign.asked import Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import check_resnet, has_small_stem, resnet_backbone, width_of
from dejavu_export.foreign.checkpoint import epochs_done, read_checkpoint, tensors_in
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.mlp import build_mlp, flat_pieces
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill

_NO_PART = ("classifier.", "predictor.", "momentum_", "queue", "prototypes.", "head.", "dino_loss_func.")


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return backbone and projector of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do."""
    check_resnet(asked.network)
    where = Path(checkpoint)
    found = read_checkpoint(where)
    weights = Weights(tensors_in(found.get("state_dict", found), where=where), where=where)
    dino = weights.has("momentum_head.")
    facts = settle(asked, Known("dino" if dino else None, epochs_done(found)))
    online = "backbone." if weights.has("backbone.") else "encoder."
    tensors = weights.need(f"momentum_{online}" if dino else online)
    backbone = resnet_backbone(asked.network, small="padding 2" if has_small_stem(tensors) else None)
    fill(backbone, tensors, name=asked.network, where=where)
    width = width_of(backbone, size=facts.size)
    pieces = flat_pieces(weights.take("momentum_head.mlp." if dino else "projector."), where=where)
    projector, widths = build_mlp(pieces, width=width, activation=nn.GELU if dino else nn.ReLU, where=where)
    weights.leave(*_NO_PART, *((online,) if dino else ()))
    encoder = ForeignEncoder(backbone, width, projector, widths)
    return from_torch(encoder, facts, asked, left_out=weights.end())
