from pathlib import Path

import pytest
import torch
from torchvision.models import resnet18, vgg16

from dejavu_export.foreign.asked import Asked
from dejavu_export.formats import torchvision
from dejavu_tui.errors import ArtefactError, RequestError
from tests.export.foreign.makers import SIZE, agrees, headless_resnet18, read, shaken

ASKED = Asked(arch="resnet18", size=SIZE)


@pytest.mark.parametrize("inside", ["", "model", "state_dict"])
def test_a_classifier_becomes_its_backbone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    theirs = shaken(resnet18(num_classes=7))
    state = theirs.state_dict()
    found = read(
        monkeypatch,
        tmp_path,
        {inside: state, "epoch": 30, "optimizer": {}} if inside else state,
        name="torchvision",
        asked=ASKED,
    )
    alone = headless_resnet18()
    alone.load_state_dict({name: tensor for name, tensor in state.items() if not name.startswith("fc.")})
    agrees(found.encoder, {"backbone": alone.eval()})
    assert found.left_out == ("fc.* (2)",)
    assert found.facts.epoch == (30 if inside else None)
    assert (found.facts.size, found.facts.std) == (SIZE, (0.229, 0.224, 0.225))


def test_old_files_without_batch_counters_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = headless_resnet18().state_dict()
    old = {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    assert read(monkeypatch, tmp_path, old, name="torchvision", asked=ASKED).encoder.dims == {"backbone": 512}


def test_half_precision_is_read_as_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = headless_resnet18().half().state_dict()
    found = read(monkeypatch, tmp_path, state, name="torchvision", asked=ASKED)
    assert {tensor.dtype for tensor in found.encoder.parameters()} == {torch.float32}


def test_published_weights_are_found_where_torch_keeps_them_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(RequestError, match=r"resnet18-f37072fd\.pth: is not on this machine, and nothing is downl"):
        torchvision.bring("IMAGENET1K_V1", ASKED)
    with pytest.raises(RequestError, match="no weights of torchvision; name a file, or one of IMAGENET1K_V1"):
        torchvision.bring("IMAGENET1K_V9", ASKED)
    file = tmp_path / "checkpoints" / "resnet18-f37072fd.pth"
    file.parent.mkdir()
    torch.save(resnet18().state_dict(), file)
    with pytest.raises(ArtefactError, match="is not what was published"):
        torchvision.bring("IMAGENET1K_V1", ASKED)
    monkeypatch.setattr(torchvision, "sha256_file", lambda _: "f37072fd" + 56 * "0")
    found: list[object] = []
    monkeypatch.setattr(
        torchvision, "from_torch", lambda encoder, *_, left_out: found.extend((encoder.dims, left_out))
    )
    torchvision.bring("IMAGENET1K_V1", ASKED)
    assert found == [{"backbone": 512}, ("fc.* (2)",)]


def test_published_weights_are_fed_as_they_were_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision has two of VGG-16, and those that are not its default were trained on pixels in 0..255."""
    file = tmp_path / "vgg16.pth"
    torch.save(vgg16().features.state_dict(prefix="features."), file)
    monkeypatch.setattr(torchvision, "_published", lambda *_: file)
    stds: dict[str, object] = {}
    for name in ("IMAGENET1K_V1", "IMAGENET1K_FEATURES"):
        monkeypatch.setattr(
            torchvision, "from_torch", lambda _, facts, *__, name=name, **___: stds.update({name: facts.std})
        )
        torchvision.bring(name, Asked(arch="vgg16", size=SIZE))
    assert stds == {"IMAGENET1K_V1": (0.229, 0.224, 0.225), "IMAGENET1K_FEATURES": 3 * (1 / 255,)}


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        (Asked(arch="resnet18", size=4096, epoch=1), None),
        (Asked(arch="googlenet"), "known to this format"),
        (Asked(arch="\x1b[31m"), r"no network '\\x1b\[31m'"),
        (Asked(), "name it, such as --arch resnet50"),
    ],
)
def test_networks_that_cannot_be_are_refused_before_the_file_is_read(asked: Asked, match: str | None) -> None:
    with pytest.raises(RequestError, match=match or "no weights of torchvision"):
        torchvision.bring("no such file", asked)
