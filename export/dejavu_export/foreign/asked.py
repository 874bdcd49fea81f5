"""What is typed and known of a checkpoint from elsewhere, and what a format makes of it; needs no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pydantic import ValidationError

from dejavu_tui.errors import RequestError
from dejavu_tui.records import MAX_SIZE, EncoderCard, Trainer
from dejavu_tui.text import safe_text

T = TypeVar("T")
Colour: TypeAlias = tuple[float, float, float]
IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_STD: Colour = (0.229, 0.224, 0.225)
_NAME = "at most 64 letters, digits, '.', '_' and '-'"
_TYPED = {
    "method": ("--method", _NAME),
    "architecture": ("--arch", _NAME),
    "epoch": ("--epoch", "a number from 0 to 1,000,000"),
    "train_size": ("--train-size", "a number from 1 up"),
    "input_size": ("--size", f"a number from 1 to {MAX_SIZE:,}"),
    "mean": ("--mean", "three numbers for pixels in 0..1"),
    "std": ("--std", "three numbers above 0 for pixels in 0..1"),
}
"""Field of the card -> the option that it is typed with, and what the card allows."""


@dataclass(frozen=True)
class Asked:
    """What is typed about an encoder from elsewhere; None: nothing."""

    arch: str | None = None
    method: str | None = None
    epoch: int | None = None
    trained_on: Trainer | None = None
    train_size: int | None = None
    size: int | None = None
    mean: Colour | None = None
    std: Colour | None = None
    layers: Mapping[str, str] = field(default_factory=dict)
    """Layer -> the output of an ONNX file that it is."""

    @property
    def network(self) -> str:
        """The network. Raises RequestError: none is typed."""
        if self.arch is None:
            raise RequestError("the network is not known", where="--arch", fix="name it, such as --arch resnet50")
        return self.arch


@dataclass(frozen=True)
class Known:
    """What a format, or the checkpoint itself, says of an encoder; None: nothing."""

    method: str | None = None
    epoch: int | None = None
    size: int | None = None
    mean: Colour | None = None
    std: Colour | None = None


@dataclass(frozen=True)
class Brought:
    """An encoder from elsewhere as ONNX `model` and its `card`; `left_out`: what of the checkpoint is no part."""

    model: bytes
    card: EncoderCard
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of an encoder in the end."""

    method: str | None
    epoch: int | None
    size: int
    mean: Colour
    std: Colour


def settle(asked: Asked, known: Known) -> Facts:
    """Return what is typed, else what is known.

    Raises RequestError: the two differ where the checkpoint itself says it, size, mean or std is neither, or a
    card cannot hold what is typed.
    """
    for name in ("method", "epoch"):
        typed, said = getattr(asked, name), getattr(known, name)
        if None not in (typed, said) and typed != said:
            raise RequestError(f"the checkpoint says {said}", where=f"--{name} {typed}", fix=f"leave --{name} out")
    facts = Facts(
        method=asked.method or known.method,
        epoch=known.epoch if asked.epoch is None else asked.epoch,
        size=_needed("size", asked.size, known.size, "pixels of a side, such as --size 224"),
        mean=_needed(
            "mean", asked.mean, known.mean, "three numbers for pixels in 0..1, as in training: --mean R,G,B"
        ),
        std=_needed("std", asked.std, known.std, "three numbers for pixels in 0..1, as in training: --std R,G,B"),
    )
    card_of(facts, asked, dims={"backbone": 1}, layers=("backbone",))  # says what is wrong before minutes of work
    return facts


def card_of(
    facts: Facts, asked: Asked, *, dims: Mapping[str, int], layers: Sequence[str], **made: object
) -> EncoderCard:
    """Return the card of an encoder; `made`: input_name, precision, opset, parity, as far as known.

    `layers` and `dims` are such that a card can hold them. Raises RequestError: something typed is not.
    """
    values = {
        "layers": tuple(layers),
        "dims": dict(dims),
        "input_size": facts.size,
        "mean": facts.mean,
        "std": facts.std,
        "method": facts.method,
        "architecture": asked.arch,
        "epoch": facts.epoch,
        "trained_on": asked.trained_on,
        "train_size": asked.train_size,
        **made,
    }
    try:
        return EncoderCard.model_validate(values)
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        name = str(place[0]) if place else "std"  # of what the card holds against the whole, std alone is typed
        if name not in _TYPED:
            raise
        option, allowed = _TYPED[name]
        what = f"cannot be '{safe_text(str(values[name]), limit=80)}'"
        raise RequestError(what, where=option, fix=f"type {allowed}") from None


def _needed(name: str, typed: T | None, known: T | None, what: str) -> T:
    value = known if typed is None else typed
    if value is None:
        raise RequestError("is not known from such a file", where=f"--{name}", fix=f"type it: {what}")
    return value
