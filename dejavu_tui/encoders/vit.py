"""Vision transformers (Dosovitskiy et al. 2020, arXiv 2010.11929) of timm, for views of more than one size."""

from math import isqrt

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F  # noqa: N812  its name everywhere

HEADS = {"vit-tiny": 3, "vit-small": 6}
"""Attention heads; each is 64 wide (Touvron et al. 2020, arXiv 2012.12877, table 1)."""
_HEAD_WIDTH = 64
_DEPTH = 12


class Vit(nn.Module):
    """timm's ViT for images of `size` pixels a side, cut into patches of `patch`; gives its class token.

    For another size, as that of small views, its position embeddings are resized as DINO does (arXiv 2104.14294,
    authors' code). There is no stochastic depth: its draws would not survive a stop.
    """

    def __init__(self, *, heads: int, size: int, patch: int) -> None:
        from timm.models.vision_transformer import VisionTransformer  # seconds

        super().__init__()
        self.width = heads * _HEAD_WIDTH
        self.size, self.patch = size, patch
        self.transformer = VisionTransformer(
            img_size=size,
            patch_size=patch,
            embed_dim=self.width,
            depth=_DEPTH,
            num_heads=heads,
            num_classes=0,
        )
        self.transformer.patch_embed.strict_img_size = False

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the embeddings (n, width) of images (n, 3, s, s)."""
        side = pixels.shape[-1]
        if side == self.size:
            return self.transformer(pixels)  # type: ignore[no-any-return]
        places = resized(self.transformer.get_parameter("pos_embed"), side=side // self.patch)
        return functional_call(self.transformer, {"pos_embed": places}, (pixels,))  # type: ignore[no-any-return]


def resized(places: Tensor, *, side: int) -> Tensor:
    """Return position embeddings, (1, 1 + g * g, width) with the class token's first, for `side` x `side` patches.

    Bicubic with antialias, as two products of matrices: what torch resizes has no deterministic gradient on a GPU.
    """
    grid = isqrt(places.shape[1] - 1)
    each = torch.eye(grid, dtype=places.dtype, device=places.device)
    rows = F.interpolate(each[None, None], size=(side, grid), mode="bicubic", antialias=True)[0, 0]  # (side, g)
    before = places[0, 1:].reshape(grid, grid, -1)  # (g, g, width)
    after = torch.einsum("ai,bj,ijd->abd", rows, rows, before)  # (side, side, width)
    return torch.cat([places[:, :1], after.flatten(0, 1)[None]], dim=1)
