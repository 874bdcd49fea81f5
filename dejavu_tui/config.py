"""Settings files: TOML read by frozen models that refuse unknown keys and name the nearest known one."""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dejavu_tui.errors import SettingsError
from dejavu_tui.text import safe_text

CropRule: TypeAlias = Literal["largest", "stripes", "corner"]
Corner: TypeAlias = Literal["lower-left", "lower-right", "upper-left", "upper-right"]
Fraction: TypeAlias = Annotated[float, Field(gt=0, le=1)]
NAME_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$"
"""What a run may be called: it becomes a folder's name."""
_NAMED = 12
"""Known names that an error lists."""


class Settings(BaseModel):
    """Base of every settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, values: dict[str, Any], *, where: str | Path) -> Self:
        """Check `values`, which came from `where`.

        Raises SettingsError: an unknown key (with the nearest known one), a missing key, a value out of range.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            key = safe_text(".".join(str(part) for part in first["loc"]), limit=80)
            if first["type"] == "extra_forbidden":
                raise SettingsError(
                    f"unknown setting '{key}'", where=where, fix=nearest(key.rpartition(".")[2], _keys(cls))
                ) from None
            why = safe_text(first["msg"].removeprefix("Value error, "), limit=160)
            what = f"setting '{key}': {why}" if key else why
            raise SettingsError(what, where=where, fix="correct its value" if key else "correct that") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the TOML file at `path`. Raises SettingsError if it is missing, not TOML, or not these settings."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise SettingsError(
                f"cannot be read as TOML ({safe_text(str(error), limit=160)})",
                where=path,
                fix="restore the file, or make it anew with the command that wrote it",
            ) from None
        return cls.parse(values, where=path)

    def to_toml(self) -> str:
        """Return the settings as TOML; keys without a value are left out."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def differences(self, other: "Settings") -> list[str]:
        """Return one line `key: mine, other theirs` for each setting that differs, nested keys dotted."""
        mine, theirs = _flat(self.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
        return [
            f"{key}: {_shown(mine.get(key))} here, {_shown(theirs.get(key))} asked"
            for key in sorted(mine.keys() | theirs.keys())
            if mine.get(key) != theirs.get(key)
        ]


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
    min_side: int | None = Field(default=None, ge=1)
    """Least shorter side of a crop in pixels; None: 20% of the image's shorter side (largest), 100 (stripes)."""
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
    k: int = Field(default=100, ge=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("sizes must rise")
        return self


class AugmentSettings(Settings):
    """The random views that a training compares."""

    scale_min: Fraction = 0.08
    scale_max: Fraction = 1.0
    """Area of a random resized crop, as a share of the image."""
    flip: float = Field(default=0.5, ge=0, le=1)
    brightness: float = Field(default=0.4, ge=0, le=1)
    contrast: float = Field(default=0.4, ge=0, le=1)
    saturation: float = Field(default=0.2, ge=0, le=1)
    jitter: float = Field(default=0.8, ge=0, le=1)
    """Probability that brightness, contrast and saturation are changed, all three together."""
    grayscale: float = Field(default=0.2, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.scale_min > self.scale_max:
            raise ValueError("scale_min is larger than scale_max")
        return self


class RunSettings(Settings):
    """`encoders/<run>/settings.toml`: everything that decides a training of A and B, and nothing else."""

    schema_version: Literal[1] = 1
    method: str
    arch: str = "convnet"
    epochs: int = Field(ge=1, le=1_000_000)
    snapshots: tuple[int, ...] = Field(min_length=1)
    """Epochs whose encoders are kept, rising; the last is `epochs`."""
    batch: int = Field(default=150, ge=2)
    lr: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=1e-6, ge=0)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    """Share of the steps in which the learning rate rises to `lr`; then it falls along a cosine to 0."""
    projector: str = Field(default="256-256-256", pattern=r"^[1-9][0-9]*(-[1-9][0-9]*)*$")
    """Widths of the projector's linear layers."""
    input_size: int = Field(default=32, ge=8, le=1024)
    mean: tuple[float, float, float] = (0.45, 0.45, 0.45)
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    train_size: int | None = Field(default=None, ge=2)
    """Images of each of A and B trained on; None: all."""
    threads: int = Field(default=1, ge=1)
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


def nearest(typed: str, known: Iterable[str]) -> str:
    """Return, safe to show, the advice which of `known` is meant by `typed`, in any case; else the first of them.

    A name is also meant by its beginning, or by what begins with it.
    """
    spelling = {safe_text(one, limit=40).lower(): safe_text(one, limit=40) for one in known}
    small = typed.lower()
    close = difflib.get_close_matches(small, list(spelling), n=1)
    close += [one for one in spelling if one.startswith(small) or (len(one) > 2 and small.startswith(one))]
    if close:
        return f"did you mean '{spelling[close[0]]}'?"
    more = f" and {len(spelling) - _NAMED} others" if len(spelling) > _NAMED else ""
    return f"known are: {', '.join(list(spelling.values())[:_NAMED])}{more}"


def _shown(value: object) -> str:
    return "not set" if value is None else str(value)


def _keys(model: type[BaseModel]) -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        keys += _keys(inner) if isinstance(inner, type) and issubclass(inner, BaseModel) else [name]
    return keys


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
