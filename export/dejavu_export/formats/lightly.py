"""Checkpoints of trainings written as lightly's examples are (lightly-ai/lightly, PyTorch Lightning or plain).

`state_dict`, or the file itself, holds `backbone.*`, a ResNet of torchvision, or all its modules but the last in an
nn.Sequential, and `projection_head.layers.*`. Of DINO the teacher's are taken, `teacher_backbone.*` and
`teacher_head.layers.*`, whose activation is GELU; the prototypes are left out, as are predictors, momentum
encoders and what the loss keeps (METHOD section 5). mean and std are known to be those that lightly's transforms
use by themselves.
"""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from dejavu_export.foreign.asked import IMAGENET_MEAN, IMAGENET_STD, Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import CLASSIFIERS, check_resnet, has_small_stem, resnet_backbone, width_of
from dejavu_export.foreign.checkpoint import epochs_done, read_checkpoint, tensors_in
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.mlp import build_mlp, flat_pieces
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill

_IN_SEQUENCE = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}
"""Places of torchvision's modules in nn.Sequential(*resnet.children()); the others have no weights."""


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return backbone and projector of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do."""
    check_resnet(asked.network)
    where = Path(checkpoint)
    found = read_checkpoint(where)
    weights = Weights(tensors_in(found.get("state_dict", found), where=where), where=where)
    dino = weights.has("teacher_backbone.")
    method = "dino" if dino else None
    facts = settle(asked, Known(method, epochs_done(found), None, IMAGENET_MEAN, IMAGENET_STD))
    tensors = _as_torchvision(weights.need("teacher_backbone." if dino else "backbone."))
    backbone = resnet_backbone(asked.network, small="padding 1" if has_small_stem(tensors) else None)
    fill(backbone, tensors, name=asked.network, where=where)
    width = width_of(backbone, size=facts.size)
    pieces = flat_pieces(weights.take("teacher_head.layers." if dino else "projection_head.layers."), where=where)
    projector, widths = build_mlp(pieces, width=width, activation=nn.GELU if dino else nn.ReLU, where=where)
    weights.leave(*(("teacher_", "student_") if dino else ("backbone_momentum.", "projection_head_momentum.")))
    weights.leave("prediction_head.", "prototypes.", "criterion.", *CLASSIFIERS)
    encoder = ForeignEncoder(backbone, width, projector, widths)
    return from_torch(encoder, facts, asked, left_out=weights.end())


def _as_torchvision(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a backbone by torchvision's names."""
    if "0.weight" not in tensors:
        return dict(tensors)
    named = {}
    for name, tensor in tensors.items():
        place, dot, rest = name.partition(".")
        named[_IN_SEQUENCE.get(place, place) + dot + rest] = tensor
    return named
