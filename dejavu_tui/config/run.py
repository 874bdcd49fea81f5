"""`encoders/<run>/settings.toml`: everything that decides a training."""

import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from dejavu_tui.config.base import Fraction, Settings

OptimizerName: TypeAlias = Literal["adamw", "sgd", "lars"]
Precision: TypeAlias = Literal["fp32", "bf16", "fp16"]
Stem: TypeAlias = Literal["large", "small"]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Deviation: TypeAlias = Annotated[float, Field(gt=0)]
PROJECTOR_PATTERN = r"^[1-9][0-9]{0,5}(-[1-9][0-9]{0,5}){0,15}$"
"""Up to 16 layers, each up to 999,999 wide."""


def _widths(text: str) -> str:
    if not re.fullmatch(PROJECTOR_PATTERN, text):
        raise ValueError(f"'{text}' is not widths such as 2048-256, up to 16 of them, each from 1 to 999999")
    return text


class AugmentSettings(Settings):
    """The random views that a training compares: two large ones of each image, and perhaps small ones (DINO's)."""

    scale_min: Fraction = 0.08
    scale_max: Fraction = 1.0
    """Area of a random resized crop, as a share of the image."""
    flip: Share = 0.5
    brightness: float = Field(default=0.4, ge=0, le=1)
    contrast: float = Field(default=0.4, ge=0, le=1)
    saturation: float = Field(default=0.2, ge=0, le=1)
    hue: float = Field(default=0.0, ge=0, le=0.5)
    """Largest turn of the hue, as a share of the circle; 0: hue is left alone."""
    jitter: Share = 0.8
    """Probability that brightness, contrast, saturation and hue are changed, all together."""
    grayscale: Share = 0.2
    blur: tuple[Share, Share] = (0.0, 0.0)
    """Probability of a Gaussian blur in the first and in the second large view; small views as the second."""
    solarize: tuple[Share, Share] = (0.0, 0.0)
    """Probability that all above one half is turned to its complement; of views as `blur`."""
    small_views: int = Field(default=0, ge=0, le=32)
    """Small views of each image beside the two large ones."""
    small_size: int = Field(default=16, ge=8, le=512)
    """Pixels of a side of a small view."""
    small_scale_min: Fraction = 0.05
    small_scale_max: Fraction = 0.25
    """Area of the crop of a small view, as a share of the image."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.scale_min > self.scale_max:
            raise ValueError("scale_min is larger than scale_max")
        if self.small_scale_min > self.small_scale_max:
            raise ValueError("small_scale_min is larger than small_scale_max")
        return self


class RunSettings(Settings):
    """`encoders/<run>/settings.toml`: everything that decides a training of A and B, and nothing else."""

    schema_version: Literal[1] = 1
    method: str
    arch: str = "convnet"
    stem: Stem = "large"
    """First layers of the network: as published, for photos, or for images of about 32 to 64 pixels."""
    epochs: int = Field(ge=1, le=1_000_000)
    snapshots: tuple[int, ...] = Field(min_length=1)
    """Epochs whose encoders are kept, rising; the last is `epochs`."""
    batch: int = Field(default=150, ge=2)
    """Images of a step, on all devices together."""
    optimizer: OptimizerName = "adamw"
    momentum: float = Field(default=0.9, ge=0, lt=1)
    """Of sgd and lars."""
    lr: float = Field(default=2e-3, gt=0)
    lr_end: Share = 0.0
    """Learning rate at the end, as a share of `lr`."""
    weight_decay: float = Field(default=1e-6, ge=0)
    """Of all weights but biases and those of batch and layer norm."""
    weight_decay_end: float | None = Field(default=None, ge=0)
    """Weight decay at the end, reached along a cosine; None: it stays."""
    warmup: float = Field(default=0.05, ge=0, lt=1)
    """Share of the steps in which the learning rate rises to `lr`; then it falls along a cosine to `lr_end`."""
    projector: Annotated[str, AfterValidator(_widths)] = "256-256-256"
    """Widths of the projector's linear layers."""
    input_size: int = Field(default=32, ge=8, le=1024)
    mean: tuple[float, float, float] = (0.45, 0.45, 0.45)
    std: tuple[Deviation, Deviation, Deviation] = (0.25, 0.25, 0.25)
    train_size: int | None = Field(default=None, ge=2)
    """Images of each of A and B trained on; None: all."""
    threads: int = Field(default=1, ge=1)
    """Of each process on a CPU."""
    devices: int = Field(default=1, ge=1)
    """Processes that train one encoder together, each on a device of its own and on its share of each batch."""
    precision: Precision = "fp32"
    seed: int = Field(default=0, ge=0)
    augment: AugmentSettings = AugmentSettings()
    options: dict[str, float] = Field(default_factory=dict)
    """The method's own settings, checked and completed by the method."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if list(self.snapshots) != sorted(set(self.snapshots)) or self.snapshots[0] < 1:
            raise ValueError("snapshots must rise and start at 1 or later")
        if self.snapshots[-1] != self.epochs:
            raise ValueError("the last snapshot must be the last epoch")
        return self

    @model_validator(mode="after")
    def _decaying(self) -> Self:
        if self.optimizer == "lars" and self.weight_decay == 0:
            raise ValueError("lars adapts the rates of weights that decay: weight_decay must be above 0")
        return self
