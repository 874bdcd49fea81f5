"""Names of the networks and the sizes of images that they take, known without importing torch."""

from typing import Literal, TypeAlias

from dejavu_tui.config import Stem, nearest
from dejavu_tui.errors import RequestError

Family: TypeAlias = Literal["convnet", "resnet", "vgg", "vit"]

FAMILIES: dict[str, Family] = {
    "convnet": "convnet",
    "resnet18": "resnet",
    "resnet34": "resnet",
    "resnet50": "resnet",
    "resnet101": "resnet",
    "vgg11_bn": "vgg",
    "vgg16_bn": "vgg",
    "vit-tiny": "vit",
    "vit-small": "vit",
}
ARCHS = tuple(FAMILIES)
"""`backbones` builds each of them."""

VGG_LEAST = 32
"""A VGG halves its image five times."""
_LARGE_PATCH = 16
_SMALL_PATCHES = 8


def check_arch(name: str) -> str:
    """Return `name` if it is a network's. Raises RequestError naming the nearest."""
    if name not in ARCHS:
        hint, listed = nearest(name, ARCHS), f"known are: {', '.join(ARCHS)}"
        fix = hint if hint == listed else f"{hint} {listed}"
        raise RequestError(f"unknown network '{name}'", where="--arch", fix=fix)
    return name


def check_input(arch: str, *, stem: Stem, size: int, small: int | None = None) -> None:
    """Raise RequestError if the network `arch` takes no images of `size` pixels a side, or small views of `small`.

    ResNets and the convnet take any; a VGG takes 32 and more; a ViT takes what its patches tile.
    """
    for key, side in (("input_size", size), ("small_size", small)):
        if side is None:
            continue
        if FAMILIES[check_arch(arch)] == "vgg" and side < VGG_LEAST:
            what, fix = f"{arch} takes no images of {side} pixels", f"set {key}={VGG_LEAST} or more"
        elif FAMILIES[arch] == "vit" and side % patch_size(stem, size=size):
            patch = patch_size(stem, size=size)
            near = max(patch, side // patch * patch)
            what = f"{arch} takes no images of {side} pixels: its patches have {patch}"
            fix = f"set {key}={near} or {near + patch}" + (", or stem=small" if stem == "large" else "")
        else:
            continue
        raise RequestError(what, where=f"--set {key}", fix=fix)


def patch_size(stem: Stem, *, size: int) -> int:
    """Return the pixels of a side of a ViT's patch: 16 as published; with the small stem an eighth of `size`, so
    that small images are 8 x 8 patches.
    """
    return _LARGE_PATCH if stem == "large" else max(1, size // _SMALL_PATCHES)
