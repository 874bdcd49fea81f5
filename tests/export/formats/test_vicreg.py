"""The VICReg authors' `model.pth`: their network written again from its description."""

from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from dejavu_export.elsewhere import export_checkpoint
from dejavu_export.foreign.asked import Asked
from dejavu_tui.embeddings.card import read_card
from dejavu_tui.errors import ArtefactError, RequestError
from tests.export.foreign.makers import SIZE, Compute, agrees, headless_resnet18, mlp, parallel, read, shaken


class Padded(nn.Module):
    """A ResNet whose padding stands apart from its first convolution, as the authors have it."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.resnet: Any = headless_resnet18()
        self.resnet.conv1 = nn.Conv2d(3, 64, 7, 2, 2, bias=False)
        self.resnet.load_state_dict(weights)
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        return self.resnet(nn.functional.pad(images, (1, 1, 1, 1)))  # type: ignore[no-any-return]


class Theirs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = headless_resnet18()
        self.projector = mlp(512, 24, 16, 8)
        self.projector[6] = nn.Linear(16, 8, bias=False)


def checkpoint(model: nn.Module) -> dict[str, object]:
    return {"epoch": 100, "model": parallel(model), "optimizer": {"state": {}, "param_groups": [{"lr": 0.2}]}}


def test_it_becomes_what_the_authors_compute(tmp_path: Path) -> None:
    theirs = shaken(Theirs())
    padded = Padded(theirs.backbone.state_dict())
    file, out = tmp_path / "model.pth", tmp_path / "A.onnx"
    torch.save(checkpoint(theirs), file)
    asked = Asked(arch="resnet18", size=SIZE, trained_on="B")
    card, left_out = export_checkpoint(str(file), format="vicreg", asked=asked, out=out)
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    expected: dict[str, Compute] = {
        "backbone": padded,
        "projector.1": lambda images: theirs.projector[:3](padded(images)),
        "projector.2": lambda images: theirs.projector[:6](padded(images)),
        "projector": lambda images: theirs.projector(padded(images)),
    }
    assert [output.name for output in session.get_outputs()] == list(expected)
    agrees(lambda images: tuple(session.run(None, {"pixels": images.numpy()})), expected)
    assert read_card(out) == card
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A.json", "A.onnx", "model.pth"]
    assert (card.method, card.architecture, card.epoch, card.trained_on) == ("vicreg", "resnet18", 100, "B")
    assert (card.input_size, card.mean, card.std) == (SIZE, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert card.dims == {"backbone": 512, "projector.1": 24, "projector.2": 16, "projector": 8}
    assert max((card.parity or {}).values()) < 1e-4
    assert left_out == ()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def check(found: object, match: str, *, error: type[Exception] = ArtefactError, **asked: Any) -> None:
        with pytest.raises(error, match=match):
            read(monkeypatch, tmp_path, found, name="vicreg", asked=Asked(**{"arch": "resnet18", **asked}))

    return check


def test_every_difference_is_shown(refused: Any) -> None:
    whole = parallel(Theirs())

    def changed(**tensors: Tensor) -> dict[str, object]:
        return {"model": {**whole, **tensors}}

    refused({"model": whole}, "is not resnet34: lacks layer1.2.bn1.bias, .* and [0-9]+ more", arch="resnet34")
    one = whole["module.backbone.bn1.bias"]
    refused(changed(**{"module.backbone.extra": one}), "has extra beside what belongs there")
    refused(changed(**{"module.teacher.weight": one}), "has teacher.weight beside what belongs there")
    refused(changed(**{"module.backbone.bn1.bias": one[:3]}), r"bn1\.bias is \(3,\), not \(64,\)")
    refused(changed(**{"module.projector.3.bias": one[:3]}), "linear layer from 24 to 16: bias is")
    refused(changed(**{"module.projector.x": one}), "has x in its projector")
    lacking = {name: tensor for name, tensor in whole.items() if name != "module.projector.1.running_var"}
    refused({"model": lacking}, "norm layer from 24 to 24: lacks running_var")
    refused({"weights": whole}, "holds no state dict")


def test_what_is_typed_may_not_contradict_the_file(refused: Any) -> None:
    refused(checkpoint(Theirs()), "--epoch 99: the checkpoint says 100", error=RequestError, epoch=99)
    refused(checkpoint(Theirs()), "the checkpoint says vicreg", error=RequestError, method="simclr")
    refused(checkpoint(Theirs()), "did you mean 'resnet18'", error=RequestError, arch="resnet81")
    refused(checkpoint(Theirs()), "name it, such as --arch", error=RequestError, arch=None)
