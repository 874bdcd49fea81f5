"""Checkpoints of the déjà vu paper's code: a projector of nested blocks, written again from its description."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import vgg11

from dejavu_export.foreign.asked import Asked
from dejavu_export.foreign.backbones import torchvision_backbone, width_of
from tests.export.foreign.makers import GREY, SIZE, agrees, headless_resnet18, parallel, read, shaken


@pytest.fixture(autouse=True)
def same_weights() -> None:
    """Weights are drawn alike every time: of some draws nothing passes a ReLU at the end."""
    torch.manual_seed(0)


def block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU(True))


class Theirs(nn.Module):
    """`last_relu`: their setting proj_relu; `extra`: the module that a loss of theirs adds, by its name."""

    def __init__(self, *, last_relu: bool = False, head: bool = True, **extra: nn.Module) -> None:
        super().__init__()
        self.net = headless_resnet18()
        last: nn.Module = nn.Linear(16, 8, bias=False)
        if last_relu:
            last = nn.Sequential(last, nn.ReLU(True))
        self.projector = nn.Sequential(block(512, 24), block(24, 16), last) if head else nn.Identity()
        for name, module in extra.items():
            self.add_module(name, module)


@pytest.mark.parametrize(
    ("extra", "left_out"),
    [
        ({}, ()),
        ({"last_relu": True}, ()),
        ({"predictor": nn.Sequential(block(8, 8), nn.Linear(8, 8))}, ("predictor.* (9)",)),
        ({"bn": nn.BatchNorm1d(8, affine=False), "fc": nn.Linear(8, 10)}, ("bn.* (3)", "fc.* (2)")),
    ],
    ids=["vicreg", "last relu", "byol", "barlow and supervised"],
)
def test_backbone_and_projector_are_read_from_the_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    theirs = shaken(Theirs(**extra))
    found = read(
        monkeypatch,
        tmp_path,
        {"epoch": 250, "model": parallel(theirs), "optimizer": {}, "probes": parallel(nn.Linear(2, 2))},
        name="dejavu",
    )
    agrees(
        found.encoder,
        {
            "backbone": theirs.net,
            "projector.1": lambda images: theirs.projector[:1](theirs.net(images)),
            "projector.2": lambda images: theirs.projector[:2](theirs.net(images)),
            "projector": lambda images: theirs.projector(theirs.net(images)),
        },
    )
    assert (found.facts.method, found.facts.epoch, found.facts.mean) == (None, 250, GREY)
    assert found.left_out == left_out


def test_final_weights_and_an_encoder_without_a_projector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = shaken(Theirs(head=False))
    asked = Asked(arch="resnet18", method="simclr", epoch=1000)
    found = read(monkeypatch, tmp_path, parallel(theirs), name="dejavu", asked=asked)
    assert found.encoder.layers == ("backbone",)
    assert (found.facts.method, found.facts.epoch, found.facts.size) == ("simclr", 1000, 224)
    assert found.facts.mean == (0.485, 0.456, 0.406)


def test_a_vgg_gives_all_its_places() -> None:
    with torch.device("meta"):
        theirs = vgg11()
    theirs.classifier = nn.Identity()
    network = torchvision_backbone("vgg11", size=SIZE)
    assert network.state_dict().keys() == theirs.state_dict().keys()
    assert width_of(network, size=SIZE) == 25_088


def test_a_projector_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parallel(Theirs())

    def check(match: str, **tensors: Tensor) -> None:
        with pytest.raises(Exception, match=match):
            read(monkeypatch, tmp_path, {"model": {**whole, **tensors}}, name="dejavu")

    check("linear layer from 24 to 16: weight is", **{"module.projector.1.0.weight": torch.zeros(16, 25)})
    check("has head.weight beside", **{"module.head.weight": torch.zeros(1)})
    check("beside what belongs there", **{"module.net.fc.weight": torch.zeros(1)})
