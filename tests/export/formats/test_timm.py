from pathlib import Path
from typing import Any

import pytest
import timm
from safetensors.torch import save_file

from dejavu_export.foreign.asked import Asked
from dejavu_export.formats import timm as timm_format
from dejavu_tui.errors import RequestError
from tests.export.foreign.makers import SIZE, agrees, read, shaken


@pytest.mark.parametrize(
    ("arch", "settings", "left_out"),
    [("test_vit", {"img_size": SIZE}, ("head.* (2)",)), ("test_resnet", {}, ("fc.* (2)",))],
)
def test_a_classifier_becomes_its_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arch: str, settings: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    theirs = shaken(timm.create_model(arch, num_classes=7, **settings))
    found = read(monkeypatch, tmp_path, theirs.state_dict(), name="timm", asked=Asked(arch=arch, size=SIZE))
    agrees(
        found.encoder,
        {"backbone": lambda images: theirs.forward_head(theirs.forward_features(images), pre_logits=True)},
    )
    assert found.left_out == left_out
    usual: Any = timm.get_pretrained_cfg(arch)
    assert (found.facts.mean, found.facts.std) == (tuple(usual.mean), tuple(usual.std))


def test_published_weights_are_found_in_the_cache_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked: list[tuple[str, str]] = []
    file = tmp_path / "model.safetensors"

    def cached(repository: str, name: str) -> str | None:
        asked.append((repository, name))
        return str(file) if file.is_file() and name == file.name else None

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", cached)
    found: list[object] = []
    monkeypatch.setattr(
        timm_format, "from_torch", lambda encoder, *_, left_out: found.extend((encoder.dims, left_out))
    )
    with pytest.raises(RequestError, match="not on this machine, and nothing is downloaded here"):
        timm_format.bring("r160_in1k", Asked(arch="test_vit"))
    save_file(timm.create_model("test_vit").state_dict(), file)
    timm_format.bring("r160_in1k", Asked(arch="test_vit"))
    assert found == [{"backbone": 64}, ("head.* (2)",)]
    assert asked[-1] == ("timm/test_vit.r160_in1k", "model.safetensors")


def test_unknown_names_name_the_nearest() -> None:
    with pytest.raises(RequestError, match="did you mean 'test_vit"):
        timm_format.bring("x", Asked(arch="test_vitt"))
    with pytest.raises(RequestError, match="no weights of timm's test_vit; name a file, or one of r160_in1k"):
        timm_format.bring("r161", Asked(arch="test_vit"))


def test_a_size_that_the_network_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = timm.create_model("test_vit").state_dict()
    with pytest.raises(Exception, match=r"is not test_vit: pos_embed is \(1, 101, 64\), not \(1, 5, 64\)"):
        read(monkeypatch, tmp_path, state, name="timm", asked=Asked(arch="test_vit", size=SIZE))
