"""Classifiers of torchvision, without the classifier: a state dict of one, or published weights by their name.

Published weights (`--arch resnet50 --checkpoint IMAGENET1K_V2`) are taken from where torch keeps what it has
downloaded before; nothing is ever downloaded here.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

import torch
from torchvision import models

from dejavu_export.foreign.asked import Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import CLASSIFIERS, check_torchvision, torchvision_backbone, width_of
from dejavu_export.foreign.checkpoint import read_checkpoint, tensors_in, whole_number
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill
from dejavu_tui.artefacts import sha256_file
from dejavu_tui.errors import ArtefactError, RequestError


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return the backbone of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do.

    The known size, mean and std are those of the published weights that are named; of a file, those of the weights
    that torchvision takes by default for this network.
    """
    check_torchvision(asked.network)
    where = Path(checkpoint)
    usual = models.get_model_weights(asked.network).DEFAULT.transforms()
    if not where.is_file():
        where = _published(checkpoint, asked.network)
        usual = models.get_model_weights(asked.network)[checkpoint].transforms()
    found = read_checkpoint(where)
    state = next((found[name] for name in ("model", "state_dict") if name in found), found)
    epoch = None if state is found else whole_number(found.get("epoch"))
    known = Known(None, epoch, usual.crop_size[0], tuple(usual.mean), tuple(usual.std))
    facts = settle(asked, known)
    weights = Weights(tensors_in(state, where=where), where=where)
    weights.leave(*CLASSIFIERS)
    backbone = torchvision_backbone(asked.network, size=facts.size)
    fill(backbone, weights.take(""), name=asked.network, where=where)
    encoder = ForeignEncoder(backbone, width_of(backbone, size=facts.size))
    return from_torch(encoder, facts, asked, left_out=weights.end())


def _published(name: str, arch: str) -> Path:
    """Return the file of published weights that torch has downloaded before, its hash checked.

    Raises RequestError: there are no such weights, or they are not on this machine. ArtefactError: another hash.
    """
    entries: Mapping[str, models.WeightsEnum] = models.get_model_weights(arch).__members__
    if name not in entries:
        raise RequestError(
            "is no file, and no weights of torchvision",
            where=f"--checkpoint {name}",
            fix=f"name a file, or one of {', '.join(entries)}",
        )
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(entries[name].url).path).name
    if not file.is_file():
        raise RequestError(
            "is not on this machine, and nothing is downloaded here",
            where=file,
            fix=f"download it from {entries[name].url}, and name it with --checkpoint",
        )
    if not sha256_file(file).startswith(file.stem.rpartition("-")[2]):
        raise ArtefactError("is not what was published (its hash differs)", where=file, fix="download it again")
    return file
