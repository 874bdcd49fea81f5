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
        """Take out the tensors whose names begin with `prefix`, and return them by what follows it."""
        names = [name for name in self._rest if name.startswith(prefix)]
        return {name[len(prefix) :]: self._rest.pop(name) for name in names}

    def leave(self, *prefixes: str) -> None:
        """Leave out what is known to be no part of the encoder; `left_out` tells of it."""
        for prefix in prefixes:
            if taken := self.take(prefix):
                self._left_out[prefix] = len(taken)

    def end(self) -> tuple[str, ...]:
        """Return what was left out, for people. Raises ArtefactError: tensors that nobody knows."""
        if self._rest:
            what = f"has {_names(self._rest)} beside what belongs there"
            raise ArtefactError(what, where=self.where, fix="choose another --format")
        return tuple(f"{prefix}* ({count})" for prefix, count in self._left_out.items())


def fill(network: nn.Module, tensors: Mapping[str, Tensor], *, name: str, where: Path) -> None:
    """Give `network`, which may be on the meta device, these weights; it is `name` in messages.

    Raises ArtefactError: not each of its tensors is there in its shape, or others are; the difference is shown.
    """
    wanted = network.state_dict()
    lacking = [key for key in wanted.keys() - tensors.keys() if not key.endswith(_COUNTER)]
    strange = tensors.keys() - wanted.keys()
    if lacking or strange:
        said = [f"lacks {_names(lacking)}"] if lacking else []
        said += [f"has {_names(strange)} beside what belongs there"] if strange else []
        raise ArtefactError(f"is not {name}: {' and '.join(said)}", where=where, fix=_OTHER)
    for key, tensor in tensors.items():
        if tensor.shape != wanted[key].shape or tensor.dtype != wanted[key].dtype:
            got = f"{key} is {_kind(tensor)}, not {_kind(wanted[key])}"
            raise ArtefactError(f"is not {name}: {safe_text(got, limit=160)}", where=where, fix=_OTHER)
    counters = {key: torch.zeros((), dtype=torch.int64) for key in wanted.keys() - tensors.keys()}
    network.load_state_dict({**tensors, **counters}, strict=True, assign=True)
    for parameter in network.parameters():
        parameter.requires_grad_(False)


def _kind(tensor: Tensor) -> str:
    usual = tensor.dtype in (torch.float32, torch.int64)
    return f"{tuple(tensor.shape)}{'' if usual else f' of {tensor.dtype}'}"


def _names(names: Iterable[str], *, shown: int = 3) -> str:
    ordered = sorted(names)
    listed = ", ".join(safe_text(name, limit=60) for name in ordered[:shown])
    return f"{listed} and {len(ordered) - shown} more" if len(ordered) > shown else listed
