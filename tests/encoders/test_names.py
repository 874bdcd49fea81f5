import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.config import Stem
from dejavu_tui.encoders.names import ARCHS, check_arch, check_input, patch_size
from dejavu_tui.errors import RequestError


@pytest.mark.parametrize(
    ("typed", "meant"), [("resnet-50", "resnet50"), ("vit_small", "vit-small"), ("vgg16", "vgg16_bn")]
)
def test_an_unknown_name_names_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(RequestError, match=f"did you mean '{meant}'.*known are: convnet, resnet18"):
        check_arch(typed)


def test_a_name_like_none_is_told_all_of_them_once() -> None:
    with pytest.raises(RequestError) as caught:
        check_arch("xyz")
    assert str(caught.value).count("convnet") == 1


@pytest.mark.parametrize("stem", ["large", "small"])
@pytest.mark.parametrize("arch", ARCHS)
def test_every_network_takes_photos_and_small_images(arch: str, stem: Stem) -> None:
    for size in (32, 64, 96, 224):
        check_input(arch, stem=stem, size=size)


@pytest.mark.parametrize(
    ("arch", "stem", "size", "small", "message"),
    [
        (
            "vgg11_bn",
            "large",
            31,
            None,
            r"input_size: vgg11_bn takes no images of 31 pixels; set input_size=32",
        ),
        ("vgg11_bn", "large", 64, 31, r"small_size"),
        ("vit-tiny", "large", 40, None, r"its patches have 16; set input_size=32 or 48, or stem=small"),
        ("vit-tiny", "large", 8, None, r"input_size=16 or 32, or stem=small"),
        ("vit-tiny", "small", 33, None, r"its patches have 4; set input_size=32 or 36$"),
        ("vit-tiny", "small", 32, 18, r"takes no images of 18 .*small_size=16 or 20"),
    ],
)
def test_a_size_that_does_not_fit_is_refused_with_one_that_does(
    arch: str, stem: Stem, size: int, small: int | None, message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        check_input(arch, stem=stem, size=size, small=small)
    assert caught.value.exit_code == 2


@given(st.integers(8, 1024))
def test_patches_of_the_small_stem_are_about_eight_by_eight(size: int) -> None:
    patch = patch_size("small", size=size)
    assert 8 <= size // patch <= 15
    assert patch_size("large", size=size) == 16
