"""Networks of timm, without the classifier: a state dict of one, or published weights by their tag.

Published weights (`--arch vit_tiny_patch16_224 --checkpoint augreg_in21k`) are taken from the cache of Hugging
Face; nothing is ever downloaded here.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from dejavu_export.foreign.asked import Asked, Brought, Known, settle
from dejavu_export.foreign.backbones import width_of
from dejavu_export.foreign.checkpoint import read_checkpoint, tensors_in, whole_number
from dejavu_export.foreign.from_torch import from_torch
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.foreign.weights import Weights, fill
from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError

_FILES = ("model.safetensors", "pytorch_model.bin")


def bring(checkpoint: str, asked: Asked) -> Brought:
    """Return the backbone of the checkpoint. Raises as `read_checkpoint`, `fill` and `from_torch` do.

    The known size, mean and std are those of timm's published weights of this network.
    """
    where = Path(checkpoint)
    tag = "" if where.is_file() else checkpoint
    usual = _settings(asked.network, tag)
    if tag:
        where = _published(usual, tag)
    found = read_checkpoint(where)
    state = next((found[name] for name in ("model", "state_dict") if name in found), found)
    epoch = None if state is found else whole_number(found.get("epoch"))
    facts = settle(asked, Known(None, epoch, usual.input_size[-1], tuple(usual.mean), tuple(usual.std)))
    weights = Weights(tensors_in(state, where=where), where=where)
    heads = usual.classifier or ()
    weights.leave(*(f"{name}." for name in ((heads,) if isinstance(heads, str) else heads)))
    backbone = _network(asked.network, facts.size)
    fill(backbone, weights.take(""), name=asked.network, where=where)
    encoder = ForeignEncoder(backbone, width_of(backbone, size=facts.size))
    return from_torch(encoder, facts, asked, left_out=weights.end())


def _settings(arch: str, tag: str) -> Any:
    """Return timm's `PretrainedCfg` of a network. Raises RequestError: there is no such network, or no such tag."""
    import timm

    if not timm.is_model(arch):
        near = nearest(arch.replace("-", "_"), timm.list_models())
        raise RequestError("is no network of timm", where=f"--arch {arch}", fix=near)
    tags = [name.partition(".")[2] for name in timm.list_pretrained(f"{arch}.*")]
    if tag and tag not in tags:
        raise RequestError(
            f"is no file, and no weights of timm's {arch}",
            where=f"--checkpoint {tag}",
            fix=f"name a file, or one of {', '.join(tags)}" if tags else "name a file",
        )
    found = timm.get_pretrained_cfg(f"{arch}.{tag}" if tag else arch)
    if found is None:
        raise RequestError("timm says nothing of it", where=f"--arch {arch}", fix="choose another network")
    return found


def _network(arch: str, size: int) -> nn.Module:
    import timm

    with torch.random.fork_rng(devices=[]):
        try:
            network: nn.Module = timm.create_model(arch, pretrained=False, num_classes=0, img_size=size)
        except TypeError:  # a network that takes images of any size
            network = timm.create_model(arch, pretrained=False, num_classes=0)
    return network


def _published(usual: Any, tag: str) -> Path:
    from huggingface_hub import try_to_load_from_cache

    for name in _FILES if usual.hf_hub_id else ():
        found = try_to_load_from_cache(usual.hf_hub_id, name)
        if isinstance(found, str):
            return Path(found)
    raise RequestError(
        "is not on this machine, and nothing is downloaded here",
        where=f"--checkpoint {tag}",
        fix=f"download {usual.hf_hub_id or usual.url}, and name its file with --checkpoint",
    )
