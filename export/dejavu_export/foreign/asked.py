"""What is typed and known of a checkpoint from elsewhere, and what a format makes of it; needs no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from dejavu_tui.errors import RequestError
from dejavu_tui.records import EncoderCard, Trainer

T = TypeVar("T")
Colour: TypeAlias = tuple[float, float, float]
IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_STD: Colour = (0.229, 0.224, 0.225)


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

    Raises RequestError: the two differ where the checkpoint itself says it, or size, mean or std is neither.
    """
    for name in ("method", "epoch"):
        typed, said = getattr(asked, name), getattr(known, name)
        if None not in (typed, said) and typed != said:
            raise RequestError(f"the checkpoint says {said}", where=f"--{name} {typed}", fix=f"leave --{name} out")
    return Facts(
        method=asked.method or known.method,
        epoch=known.epoch if asked.epoch is None else asked.epoch,
        size=_needed("size", asked.size, known.size, "pixels of a side, such as --size 224"),
        mean=_needed(
            "mean", asked.mean, known.mean, "three numbers for pixels in 0..1, as in training: --mean R,G,B"
        ),
        std=_needed("std", asked.std, known.std, "three numbers for pixels in 0..1, as in training: --std R,G,B"),
    )


def card_of(
    facts: Facts, asked: Asked, *, dims: Mapping[str, int], layers: Sequence[str], **made: object
) -> EncoderCard:
    """Return the card of an encoder; `made`: input_name, precision, opset, parity, as far as known."""
    return EncoderCard.model_validate(
        {
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
    )


def _needed(name: str, typed: T | None, known: T | None, what: str) -> T:
    value = known if typed is None else typed
    if value is None:
        raise RequestError("is not known from such a file", where=f"--{name}", fix=f"type it: {what}")
    return value
