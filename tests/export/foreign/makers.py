"""Encoders as others write them, small, and what their checkpoints should become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from dejavu_export.foreign.asked import Asked, Brought, Facts
from dejavu_export.foreign.network import ForeignEncoder
from dejavu_tui.records import EncoderCard

SIZE = 32
GREY = (0.5, 0.5, 0.5)
RESNET = Asked(arch="resnet18", size=SIZE, mean=GREY, std=GREY)
Compute = Callable[[Tensor], Tensor]


def shaken(network: nn.Module, *, seed: int = 0) -> Any:
    """Return `network` in eval mode, its norms and biases unlike those it starts with."""
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point() and tensor.ndim == 1:
                noise = torch.rand(tensor.shape, generator=drawn)
                tensor.copy_(0.5 + noise if name.endswith(("weight", "running_var")) else noise - 0.5)
    return network.eval()


def headless_resnet18() -> nn.Module:
    network: nn.Module = resnet18()
    network.fc = nn.Identity()
    return network


def mlp(*widths: int, activation: Callable[[], nn.Module] = nn.ReLU, norm: bool = True) -> nn.Sequential:
    """Return linear layers, with norm and activation after each but the last."""
    modules: list[nn.Module] = []
    for before, after in pairwise(widths):
        modules += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), activation()]
    return nn.Sequential(*modules[: -2 if norm else -1])


def parallel(module: nn.Module) -> dict[str, Tensor]:
    """Return the state dict that DistributedDataParallel gives."""
    return {f"module.{name}": tensor for name, tensor in module.state_dict().items()}


@dataclass(frozen=True)
class Read:
    """What a format made of a checkpoint, before it is a graph."""

    encoder: ForeignEncoder
    facts: Facts
    left_out: tuple[str, ...]


def read(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    checkpoint: object,
    *,
    name: str,
    asked: Asked = RESNET,
) -> Read:
    """Save `checkpoint`, and return what the format `name` makes of it; the slow way to ONNX is left out."""
    found: list[Read] = []

    def kept(encoder: ForeignEncoder, facts: Facts, _: Asked, *, left_out: tuple[str, ...]) -> Brought:
        found.append(Read(encoder.eval(), facts, left_out))
        card = EncoderCard(layers=("x",), dims={"x": 1}, input_size=1, mean=GREY, std=GREY)
        return Brought(b"", card)

    module = import_module(f"dejavu_export.formats.{name}")
    monkeypatch.setattr(module, "from_torch", kept)
    file = folder / "checkpoint.pth"
    torch.save(checkpoint, file)
    module.bring(str(file), asked)
    return found[0]


def pixels(count: int = 3, *, size: int = SIZE) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(1))


def agrees(
    encoder: Callable[[Tensor], tuple[Any, ...]], expected: Mapping[str, Compute], *, size: int = SIZE
) -> None:
    """Check that the outputs of `encoder` are those `expected`, computed by what the others wrote."""
    images = pixels(size=size)
    with torch.no_grad():
        for compute, output in zip(expected.values(), encoder(images), strict=True):
            wanted = compute(images).numpy()
            scale = float(wanted.std())
            assert 1e-6 < scale < 1e6
            np.testing.assert_allclose(np.asarray(output), wanted, rtol=0, atol=1e-4 * scale)
