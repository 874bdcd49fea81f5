"""The encoder: a backbone and a projector, all layers in one pass."""

from torch import Tensor, nn

from dejavu_tui.config import Stem
from dejavu_tui.encoders.backbones import build_backbone
from dejavu_tui.encoders.heads import projector


class Encoder(nn.Module):
    """Images, normalised, float32 (n, 3, s, s), to the embeddings (n, dims[layer]) of all `layers` in order.

    The layers are `backbone`, then `projector.1`, `projector.2`, … after each inner block of the projector,
    and `projector`, its last (METHOD section 5). `size`: pixels of a side of the images; small views may be
    smaller. Raises RequestError: there is no network `arch`, or it takes no such images.
    """

    def __init__(self, arch: str, spec: str, *, stem: Stem = "large", size: int = 224) -> None:
        super().__init__()
        self.backbone, width = build_backbone(arch, stem=stem, size=size)
        self.projector, widths = projector(width, spec)
        inner = tuple(f"projector.{place}" for place in range(1, len(widths)))
        self.layers: tuple[str, ...] = ("backbone", *inner, "projector")
        self.dims: dict[str, int] = dict(zip(self.layers, (width, *widths), strict=True))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return the embeddings of all layers, in the order of `layers`."""
        outputs: list[Tensor] = [self.backbone(pixels)]
        for block in self.projector:
            outputs.append(block(outputs[-1]))
        return tuple(outputs)
