"""A projector from the names and shapes of its tensors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from dejavu_export.foreign.weights import fill
from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import MAX_LAYERS
from dejavu_tui.text import safe_text

Activation: TypeAlias = Callable[[], nn.Module]


@dataclass(frozen=True)
class Piece:
    """One module of a projector: a linear layer or a batch norm with its tensors, or an activation without any."""

    kind: Literal["linear", "norm", "activation"]
    tensors: Mapping[str, Tensor]


def flat_pieces(tensors: Mapping[str, Tensor], *, where: Path) -> list[Piece]:
    """Return the pieces of one nn.Sequential, whose tensors are named `<place>.<name>`.

    A place without tensors is an activation. One after the last tensor leaves no trace, and none is assumed.
    Raises ArtefactError: other names.
    """
    places = _by_place(tensors, where=where)
    last = max(places, default=-1)
    if len(places) < last / 2:
        raise ArtefactError("has a projector of unknown pieces", where=where, fix="choose another --format")
    return [_piece(places.get(place, {})) for place in range(last + 1)]


def nested_pieces(tensors: Mapping[str, Tensor], *, where: Path) -> list[Piece]:
    """Return the pieces of an nn.Sequential of blocks, such as `0.0.weight`: each block that is an nn.Sequential
    itself ends in an activation, and one that is a linear layer (`2.weight`) in none.

    Raises ArtefactError: other names.
    """
    pieces: list[Piece] = []
    for _, block in sorted(_by_place(tensors, where=where).items()):
        inner = any(name.partition(".")[0].isdigit() for name in block)
        pieces += [*flat_pieces(block, where=where), Piece("activation", {})] if inner else [_piece(block)]
    return pieces


def build_mlp(
    pieces: list[Piece], *, width: int, activation: Activation, where: Path
) -> tuple[nn.ModuleList, tuple[int, ...]]:
    """Return the blocks of a projector on embeddings of `width`, and the width of each block's output.

    A block begins with a linear layer, and has the batch norm and the activation that follow it.
    Raises ArtefactError: the pieces do not fit each other, or are more than a card can name.
    """
    if sum(piece.kind == "linear" for piece in pieces) >= MAX_LAYERS:
        what = f"has a projector of {MAX_LAYERS} linear layers or more"
        raise ArtefactError(what, where=where, fix=_FIX)
    blocks: list[list[nn.Module]] = []
    widths: list[int] = []
    for piece in pieces:
        before = widths[-1] if widths else width
        if piece.kind == "linear":
            blocks.append([])
            widths.append(len(piece.tensors["weight"]))
        elif not blocks:
            raise ArtefactError("has a projector that does not begin with a linear layer", where=where, fix=_FIX)
        blocks[-1].append(_module(piece, before, widths[-1], activation, where=where))
    return nn.ModuleList(nn.Sequential(*block) for block in blocks), tuple(widths)


_FIX = "choose another --arch or --format"


def _module(piece: Piece, before: int, after: int, activation: Activation, *, where: Path) -> nn.Module:
    if piece.kind == "activation":
        return activation()
    with torch.device("meta"):
        made: nn.Module = (
            nn.Linear(before, after, bias="bias" in piece.tensors)
            if piece.kind == "linear"
            else nn.BatchNorm1d(after, affine="weight" in piece.tensors)
        )
    name = f"a projector's {piece.kind} layer from {before} to {after}"
    fill(made, piece.tensors, name=name, where=where)
    return made


def _piece(tensors: Mapping[str, Tensor]) -> Piece:
    if not tensors:
        return Piece("activation", {})
    weight = tensors.get("weight")
    linear = weight is not None and weight.ndim == 2 and "running_mean" not in tensors
    return Piece("linear" if linear else "norm", tensors)


def _by_place(tensors: Mapping[str, Tensor], *, where: Path) -> dict[int, dict[str, Tensor]]:
    places: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        place, _, rest = name.partition(".")
        if not re.fullmatch("[0-9]{1,3}", place) or not rest:
            what = f"has {safe_text(name, limit=60)} in its projector"
            raise ArtefactError(what, where=where, fix="choose another --format")
        places.setdefault(int(place), {})[rest] = tensor
    return places
