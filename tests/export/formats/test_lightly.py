"""Trainings as lightly's examples write them, with lightly's own heads."""

from pathlib import Path
from typing import Any

import pytest
import torch
from lightly.models.modules import heads
from torch import nn
from torchvision.models import resnet18

from dejavu_export.foreign.asked import Asked
from dejavu_tui.errors import ArtefactError, RequestError
from tests.export.foreign.makers import RESNET, SIZE, agrees, headless_resnet18, read, shaken


def in_sequence() -> nn.Module:
    return nn.Sequential(*list(resnet18().children())[:-1])


class Theirs(nn.Module):
    def __init__(self, **modules: nn.Module) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


HEADS = {
    "vicreg": (heads.VICRegProjectionHead(512, 24, 8, 3), (3, 6)),
    "moco": (heads.MoCoProjectionHead(512, 24, 8), (2,)),
    "simsiam": (heads.SimSiamProjectionHead(512, 24, 8), (3, 6)),
}
"""Heads, and where their inner blocks end."""


@pytest.mark.parametrize("method", HEADS)
def test_backbone_and_head_of_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    head, ends = HEADS[method]
    theirs = shaken(
        Theirs(
            backbone=in_sequence(),
            projection_head=head,
            prediction_head=heads.BYOLPredictionHead(8, 8, 8),
            projection_head_momentum=head,
            backbone_momentum=nn.Linear(2, 2),
        )
    )
    saved = {
        "epoch": 9,
        "loops": {"fit_loop": {"epoch_progress": {"current": {"processed": 10}}}},
        "state_dict": theirs.state_dict(),
    }
    found = read(monkeypatch, tmp_path, saved, name="lightly")

    def embedding(images: torch.Tensor) -> torch.Tensor:
        return theirs.backbone(images).flatten(1)  # type: ignore[no-any-return]

    expected: dict[str, Any] = {"backbone": embedding}
    for place, end in enumerate(ends, 1):
        expected[f"projector.{place}"] = lambda images, end=end: theirs.projection_head.layers[:end](
            embedding(images)
        )
    expected["projector"] = lambda images: theirs.projection_head(embedding(images))
    agrees(found.encoder, expected)
    assert found.encoder.layers == tuple(expected)
    assert found.facts.epoch == 10
    assert [name.partition(".*")[0] for name in found.left_out] == [
        "backbone_momentum",
        "projection_head_momentum",
        "prediction_head",
    ]


def test_of_dino_the_teacher_before_the_prototypes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs: Any = Theirs(
        student_backbone=headless_resnet18(),
        student_head=heads.DINOProjectionHead(512, 24, 8, 16),
        teacher_backbone=headless_resnet18(),
        teacher_head=heads.DINOProjectionHead(512, 24, 8, 16, batch_norm=True),
    )
    shaken(theirs)
    found = read(monkeypatch, tmp_path, theirs.state_dict(), name="lightly")
    teacher: Any = theirs.teacher_backbone
    layers: Any = theirs.teacher_head.layers
    agrees(
        found.encoder,
        {
            "backbone": teacher,
            "projector.1": lambda images: layers[:3](teacher(images)),
            "projector.2": lambda images: layers[:6](teacher(images)),
            "projector": lambda images: layers(teacher(images)),
        },
    )
    assert (found.facts.method, found.facts.epoch) == ("dino", None)
    assert [name.partition("*")[0] for name in found.left_out] == ["teacher_", "student_"]


def test_the_size_must_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Theirs(backbone=headless_resnet18()).state_dict()
    with pytest.raises(RequestError, match="--size: is not known from such a file; type it"):
        read(monkeypatch, tmp_path, state, name="lightly", asked=Asked(arch="resnet18"))
    found = read(monkeypatch, tmp_path, state, name="lightly", asked=Asked(arch="resnet18", size=SIZE))
    assert found.facts.mean == (0.485, 0.456, 0.406)
    assert found.encoder.layers == ("backbone",)


def test_a_stem_for_small_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone: Any = headless_resnet18()
    backbone.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    backbone.maxpool = nn.Identity()
    shaken(backbone)
    found = read(monkeypatch, tmp_path, Theirs(backbone=backbone).state_dict(), name="lightly", asked=RESNET)
    agrees(found.encoder, {"backbone": backbone})


def test_a_first_convolution_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = Theirs(backbone=headless_resnet18()).state_dict()
    state["backbone.conv1.weight"] = torch.tensor(1.0)
    with pytest.raises(ArtefactError, match=r"is not resnet18: conv1\.weight is \(\), not \(64, 3, 7, 7\)"):
        read(monkeypatch, tmp_path, state, name="lightly")
