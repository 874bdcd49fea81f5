"""The tensors of a checkpoint, each of which must be used or left out by name."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from dejavu_tui.errors import ArtefactError
from dejavu_tui.text import safe_text

_COUNTER = "num_batches_tracked"
"""Of a batch norm; nothing that is computed from a trained one depends on it, and old files have none."""
_OTHER = "choose another --arch or --format"


class Weights:
    """The tensors of one checkpoint, by name; what is taken is gone, and what is left at the end is an error."""

    def __init__(self, tensors: Mapping[str, Tensor], *, where: Path) -> None:
        self._rest = dict(tensors)
        self.where = where
        self._left_out: dict[str, int] = {}

    def has(self, prefix: str) -> bool:
        """Tell whether names begin with `prefix`."""
        return any(name.startswith(prefix) for name in self._rest)

    def take(self, prefix: str) -> dict[str, Tensor]:
        """Take out the tensors whose names begin with `prefix`, and return them by what follows it.

        Raises ArtefactError: one is empty, or its numbers are none of a trained network.
        """
        taken = self._pop(prefix)
        for name, tensor in taken.items():
            _check_numbers(f"{prefix}{name}", tensor, where=self.where)
        return taken

    def need(self, prefix: str) -> dict[str, Tensor]:
        """Return what `take` does. Raises ArtefactError also: there are none; what is there instead is shown."""
        if not self.has(prefix):
            what = f"has no {prefix}*, but {_names(self._rest)}"
            raise ArtefactError(what, where=self.where, fix="choose another --format")
        return self.take(prefix)

    def leave(self, *prefixes: str) -> None:
        """Leave out what is known to be no part of the encoder; `left_out` tells of it."""
        for prefix in prefixes:
            if taken := self._pop(prefix):
                self._left_out[prefix] = len(taken)

    def end(self) -> tuple[str, ...]:
        """Return what was left out, for people. Raises ArtefactError: tensors that nobody knows."""
        if self._rest:
            what = f"has {_names(self._rest)} beside what belongs there"
            raise ArtefactError(what, where=self.where, fix="choose another --format")
        return tuple(f"{prefix}* ({count})" for prefix, count in self._left_out.items())

    def _pop(self, prefix: str) -> dict[str, Tensor]:
        names = [name for name in self._rest if name.startswith(prefix)]
        return {name[len(prefix) :]: self._rest.pop(name) for name in names}


def fill(network: nn.Module, tensors: Mapping[str, Tensor], *, name: str, where: Path) -> None:
    """Give `network`, which may be on the meta device, these weights; it is `name` in messages.

    Raises ArtefactError: not each of its tensors is there in its shape, or others are; the difference is shown.
    """
    wanted = network.state_dict()
    lacking = [key for key in wanted.keys() - tensors.keys() if not key.endswith(_COUNTER)]
    strange = tensors.keys() - wanted.keys()
    if lacking or strange:
        said = [f"lacks {_names(lacking)}"] if lacking else []
        if strange:
            said.append(f"has {_names(strange)} beside what belongs there")
        elif tensors:
            said.append(f"has just {_names(tensors)}")
        raise ArtefactError(f"is not {name}: {' and '.join(said)}", where=where, fix=_OTHER)
    usual = {key: tensor.long() if key.endswith(_COUNTER) else tensor for key, tensor in tensors.items()}
    for key, tensor in usual.items():
        if tensor.shape != wanted[key].shape or tensor.dtype != wanted[key].dtype:
            typed = tensor.dtype != wanted[key].dtype
            got = f"{key} is {_kind(tensor, typed=typed)}, not {_kind(wanted[key], typed=typed)}"
            raise ArtefactError(f"is not {name}: {safe_text(got, limit=160)}", where=where, fix=_OTHER)
    counters = {key: torch.zeros((), dtype=torch.int64) for key in wanted.keys() - tensors.keys()}
    network.load_state_dict({**usual, **counters}, strict=True, assign=True)
    for parameter in network.parameters():
        parameter.requires_grad_(False)


def _kind(tensor: Tensor, *, typed: bool) -> str:
    return f"{tuple(tensor.shape)}{f' of {tensor.dtype}' if typed else ''}"


def _check_numbers(name: str, tensor: Tensor, *, where: Path) -> None:
    shown = safe_text(name, limit=80)
    if not tensor.numel():
        raise ArtefactError(f"has {shown} without a number in it", where=where, fix=_OTHER)
    if not tensor.is_floating_point():
        return
    fix = "look at the training log, or choose another checkpoint"
    if not tensor.isfinite().all():
        raise ArtefactError(f"has numbers in {shown} that are not finite in float32", where=where, fix=fix)
    if name.endswith("running_var") and (tensor < 0).any():
        raise ArtefactError(f"has variances below 0 in {shown}", where=where, fix=fix)


def _names(names: Iterable[str], *, shown: int = 3) -> str:
    ordered = sorted(names)
    listed = ", ".join(safe_text(name, limit=60) for name in ordered[:shown])
    return f"{listed} and {len(ordered) - shown} more" if len(ordered) > shown else listed
