"""The few small types that flow between the rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dejavu_tui.config import NAME_PATTERN

Part: TypeAlias = Literal["A", "B", "shared", "X", "E", "V"]
"""A target, B reference, X public, shared by both trainings, E external control, V validation."""

Trainer: TypeAlias = Literal["A", "B"]
"""The part an encoder was trained on, and so its name within a run: SSL_A or SSL_B."""

Kind: TypeAlias = Literal["memorized", "correlated", "misrepresented", "unassociated"]
KINDS: tuple[Kind, ...] = ("memorized", "correlated", "misrepresented", "unassociated")
"""The partition of METHOD section 2.4, in the order in which it is shown."""

Precision: TypeAlias = Literal["fp32", "int8"]
"""Of an exported encoder: float32, or 8-bit integers, an approximation for screening."""

View: TypeAlias = Literal["public", "crops", "own", "heldout"]
"""What an encoder is shown: whole images of X, the background crops of all attacked images, or, for the linear
probe, whole images of its own training set and of held-out ones.
"""


@dataclass(frozen=True)
class Step:
    """One report of a slow stage: `done` of `total` units of `stage`; `detail` is for people."""

    stage: str
    done: int
    total: int | None
    detail: str = ""


Progress: TypeAlias = Callable[[Step], None]
Stop: TypeAlias = Callable[[], bool]
"""Asked between units of work; True ends the stage with StoppedError, complete artefacts kept."""


def silent(step: Step) -> None:
    """A progress callback that tells nobody."""


def never() -> bool:
    """A stop callback that never stops."""
    return False


@dataclass(frozen=True, order=True)
class EncoderId:
    """One encoder of an audit: the run, the part it was trained on, the epoch of its snapshot, its precision."""

    run: str
    trained_on: Trainer
    epoch: int
    precision: Precision = "fp32"

    @property
    def folder(self) -> str:
        """Name of the folders that belong to this encoder, such as `A-000800` or `A-000800-int8`."""
        name = f"{self.trained_on}-{self.epoch:06d}"
        return name if self.precision == "fp32" else f"{name}-{self.precision}"


@dataclass(frozen=True)
class Compute:
    """What computes embeddings. It decides no number beyond the last bits of one."""

    workers: int | None = None
    """Threads, each of which decodes and embeds a batch; None: as many as there are cores for this process."""
    provider: str = "cpu"
    """cpu, cuda, openvino or coreml."""


USUAL = Compute()


@dataclass(frozen=True)
class Shard:
    """Part `number`, from 1, of `of` parts of a stage that several processes or machines do."""

    number: int
    of: int

    def range(self, total: int, *, unit: int) -> tuple[int, int]:
        """Return the first and the end of its rows, of `total`; both at whole `unit`s of rows but for the last."""
        units = -(-total // unit)
        first, end = (units * number // self.of for number in (self.number - 1, self.number))
        return min(first * unit, total), min(end * unit, total)


PlainName: TypeAlias = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Letters, digits, `.`, `_` and `-`: it becomes a folder's name, or is shown."""
MAX_LAYERS = 64
"""That a card names."""
MAX_SIZE = 4096
"""Pixels of a side that a card names."""


class EncoderCard(BaseModel):
    """What stands beside an `.onnx` file and lets it be used without its training code (DESIGN 2.6).

    Pixels are in 0..1 before `mean` and `std`; the graph takes float32 NCHW of `input_size` x `input_size`
    and gives each of `layers` as a float32 output (n, dims[layer]) of that name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    layers: tuple[PlainName, ...] = Field(min_length=1, max_length=MAX_LAYERS)
    dims: dict[str, int]
    input_size: int = Field(ge=1, le=MAX_SIZE)
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    schema_: Literal[1] = Field(default=1, alias="schema")
    method: PlainName | None = None
    architecture: PlainName | None = None
    epoch: int | None = Field(default=None, ge=0, le=1_000_000)
    trained_on: Trainer | None = None
    train_size: int | None = Field(default=None, ge=1)
    input_name: str | None = None
    precision: str | None = None
    opset: int | None = None
    sha256: str | None = None
    parity: dict[str, float] | None = None
    agreement: dict[str, float] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "EncoderCard":
        if set(self.dims) != set(self.layers) or len(set(self.layers)) != len(self.layers):
            raise ValueError("dims must name each layer of layers once")
        if min(self.dims.values()) < 1 or min(self.std) <= 0:
            raise ValueError("dims and std must be positive")
        return self
