import pytest
import torch
from timm.layers.pos_embed import resample_abs_pos_embed
from timm.models import create_model

from dejavu_tui.encoders.vit import Vit, resized


def test_it_computes_what_timms_vit_computes() -> None:
    torch.manual_seed(0)
    ours = Vit(heads=3, size=32, patch=4).eval()
    theirs = create_model("vit_tiny_patch16_224", img_size=32, patch_size=4, num_classes=0).eval()
    theirs.load_state_dict(ours.transformer.state_dict(), strict=True)
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(ours(pixels), theirs(pixels))


@pytest.mark.parametrize("side", [1, 3, 6, 9])
def test_position_embeddings_are_resized_as_timm_resizes_them(side: int) -> None:
    places = torch.randn(1, 1 + 6 * 6, 8, generator=torch.Generator().manual_seed(1))
    theirs = resample_abs_pos_embed(places, new_size=[side, side], antialias=True)
    assert torch.allclose(resized(places, side=side), theirs, atol=1e-5)


def test_a_small_view_trains_the_same_position_embeddings() -> None:
    torch.manual_seed(0)
    network = Vit(heads=3, size=32, patch=4)
    pixels = torch.randn(2, 3, 16, 16)
    network(pixels).square().sum().backward()
    gradient = network.transformer.get_parameter("pos_embed").grad
    assert gradient is not None
    assert (gradient.abs().amax(dim=2) > 0).all()
    other = Vit(heads=3, size=16, patch=4)
    weights = network.transformer.state_dict()
    weights["pos_embed"] = resized(weights["pos_embed"], side=4)
    other.transformer.load_state_dict(weights, strict=True)
    with torch.no_grad():
        assert torch.allclose(network(pixels), other(pixels), atol=1e-6)
