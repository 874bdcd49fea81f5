"""An encoder from elsewhere: its own backbone and, if there is one, its projector, all layers in one pass."""

from torch import Tensor, nn


class ForeignEncoder(nn.Module):
    """Images, normalised, float32 (n, 3, s, s), to the embeddings (n, dims[layer]) of all `layers` in order.

    `backbone` gives `width` numbers; `projector` are blocks whose outputs have these `widths`, perhaps none.
    The layers are named as those of our own encoders (METHOD section 5).
    """

    def __init__(
        self, backbone: nn.Module, width: int, projector: nn.ModuleList | None = None, widths: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.projector = nn.ModuleList() if projector is None else projector
        inner = [f"projector.{place}" for place in range(1, len(widths))]
        self.layers: tuple[str, ...] = ("backbone", *inner, "projector") if widths else ("backbone",)
        self.dims: dict[str, int] = dict(zip(self.layers, (width, *widths), strict=True))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return the embeddings of all layers, in the order of `layers`."""
        outputs: list[Tensor] = [self.backbone(pixels).flatten(1)]
        for block in self.projector:
            outputs.append(block(outputs[-1]))
        return tuple(outputs)
