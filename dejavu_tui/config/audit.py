"""`audit.toml`: what an audit was asked for."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from dejavu_tui.config.base import Fraction, Settings

CropRule: TypeAlias = Literal["largest", "stripes", "corner", "given"]
Corner: TypeAlias = Literal["lower-left", "lower-right", "upper-left", "upper-right"]
MinSide: TypeAlias = Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=r"^[1-9][0-9]?%$")]


class AuditSettings(Settings):
    """`audit.toml`: what `dejavu split` was asked; fixed for the life of the audit."""

    schema_version: Literal[1] = 1
    source: str
    """Folder of the images; relative to the audit's parent folder, or absolute."""
    annotations: str | None = None
    """Folder of the bounding boxes, written like `source`; None: there are none."""
    layout: str = "imagefolder"
    crop: CropRule = "largest"
    corner: Corner = "lower-left"
    fraction: Fraction = 0.3
    """Share of each side that a corner crop keeps."""
    min_side: MinSide | None = None
    """Least shorter side of a crop, in pixels or, as `25%`, of the image's shorter side; under stripes it must be
    more. None: 20% (largest), 100 (stripes), 1."""
    per_class: int | None = Field(default=None, ge=1)
    """Attackable images of each class in A, and as many in B; None: a fifth of the class each."""
    sizes: tuple[Annotated[int, Field(ge=2)], ...] = ()
    """Sizes of the nested training sets that are planned, in images of A (and of B), rising; () plans none."""
    shared: int = Field(default=0, ge=0)
    external: int = Field(default=0, ge=0)
    validation: int = Field(default=0, ge=0)
    """Images of each class in the parts shared, E and V."""
    balance_public: bool = False
    on_bad: Literal["refuse", "skip"] = "refuse"
    copies: Literal["refuse", "drop", "keep"] = "refuse"
    """What is done with images of the same bytes or the same picture; `drop` keeps the first of them, `keep` lets
    them be in several parts."""
    check: Literal["pixels", "headers"] = "pixels"
    """What of an image is looked at before it is taken: `headers` leaves damaged pixels to be found later."""
    k: int = Field(default=100, ge=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("sizes must rise")
        return self
