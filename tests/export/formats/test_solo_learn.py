"""Checkpoints of solo-learn, written again from its description."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from dejavu_export.foreign.asked import Asked
from dejavu_tui.errors import ArtefactError, RequestError
from tests.export.foreign.makers import RESNET, SIZE, agrees, headless_resnet18, mlp, read, shaken

SIMSIAM = nn.Sequential(
    nn.Linear(512, 16, bias=False),
    nn.BatchNorm1d(16),
    nn.ReLU(),
    nn.Linear(16, 8),
    nn.BatchNorm1d(8, affine=False),
)


def for_cifar() -> nn.Module:
    network: Any = headless_resnet18()
    network.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=2, bias=False)
    network.maxpool = nn.Identity()
    made: nn.Module = network
    return made


class Theirs(nn.Module):
    def __init__(self, **modules: nn.Module) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


@pytest.mark.parametrize(
    ("online", "backbone", "projector", "end"),
    [
        ("encoder", headless_resnet18(), mlp(512, 16, 8), 3),
        ("backbone", for_cifar(), mlp(512, 16, 8, norm=False), 2),
        ("backbone", for_cifar(), SIMSIAM, 3),
    ],
    ids=["byol", "simclr for cifar", "simsiam for cifar"],
)
def test_backbone_and_projector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, online: str, backbone: nn.Module, projector: Any, end: int
) -> None:
    others = {"classifier": nn.Linear(512, 10), "predictor": mlp(8, 8, 8), "momentum_projector": mlp(8, 8)}
    theirs = shaken(Theirs(**{online: backbone, "projector": projector, **others}))
    theirs.register_buffer("queue", torch.zeros(2, 2))
    saved = {
        "epoch": 399,
        "loops": {"fit_loop": {"epoch_progress": {"current": {"processed": 400}}}},
        "state_dict": theirs.state_dict(),
    }
    found = read(monkeypatch, tmp_path, saved, name="solo_learn")
    agrees(
        found.encoder,
        {
            "backbone": backbone,
            "projector.1": lambda images: projector[:end](backbone(images)),
            "projector": lambda images: projector(backbone(images)),
        },
    )
    assert found.facts.epoch == 400
    assert [name.partition("*")[0] for name in found.left_out] == [
        "classifier.",
        "predictor.",
        "momentum_",
        "queue",
    ]


def test_of_dino_the_teacher_before_the_prototypes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = {name: Theirs(mlp=mlp(512, 16, 8, activation=nn.GELU)) for name in ("head", "momentum_head")}
    for one in head.values():
        one.add_module("last_layer", nn.Linear(8, 32, bias=False))
    theirs = shaken(Theirs(backbone=headless_resnet18(), momentum_backbone=headless_resnet18(), **head))
    found = read(monkeypatch, tmp_path, theirs.state_dict(), name="solo_learn")
    teacher, layers = theirs.momentum_backbone, theirs.momentum_head.mlp
    agrees(
        found.encoder,
        {
            "backbone": teacher,
            "projector.1": lambda images: layers[:3](teacher(images)),
            "projector": lambda images: layers(teacher(images)),
        },
    )
    assert found.facts.method == "dino"
    assert [name.partition("*")[0] for name in found.left_out] == ["momentum_", "head.", "backbone."]


@pytest.mark.parametrize("name", ["mean", "std", "size"])
def test_what_the_pixels_were_must_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    typed: dict[str, Any] = {"size": SIZE, "mean": (0.5,) * 3, "std": (0.2,) * 3}
    asked = Asked(arch="resnet18", **{**typed, name: None})
    with pytest.raises(RequestError, match=f"--{name}: is not known from such a file"):
        read(
            monkeypatch, tmp_path, Theirs(backbone=headless_resnet18()).state_dict(), name="solo_learn", asked=asked
        )


def test_a_projector_that_is_missing_is_no_error_but_a_layer_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Theirs(backbone=headless_resnet18()).state_dict()
    assert read(monkeypatch, tmp_path, state, name="solo_learn", asked=RESNET).encoder.layers == ("backbone",)


def test_a_first_convolution_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Theirs(backbone=headless_resnet18()).state_dict()
    state["backbone.conv1.weight"] = torch.tensor(1.0)
    with pytest.raises(ArtefactError, match=r"is not resnet18: conv1\.weight is \(\), not \(64, 3, 7, 7\)"):
        read(monkeypatch, tmp_path, state, name="solo_learn")
