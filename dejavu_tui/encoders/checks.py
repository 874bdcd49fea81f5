"""What stops a training: a loss that is no number, embeddings that have collapsed, weights that are no numbers."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  its name everywhere

from dejavu_tui.errors import TrainingError

_COLLAPSED = 1e-3
_SHORT = 1e-3


def embedding_spread(embedding: Tensor) -> Tensor:
    """Return how far the embeddings (n, d), each scaled to length 1, are spread: 0 all equal, 1 in all directions.

    It is the mean standard deviation over the dimensions, times the square root of d, a tensor (). Embeddings so
    short that they vanish are scaled less, so that a collapse to zero shows too.
    """
    directions = F.normalize(embedding.float(), dim=1, eps=_SHORT)
    return directions.std(dim=0, correction=0).mean() * math.sqrt(embedding.shape[1])


def check_step(*, loss: float, spread: float, where: str, lr: float) -> None:
    """Raise TrainingError if a step with this loss must not be taken; `where` names encoder, epoch and batch."""
    if not math.isfinite(loss):
        raise TrainingError(f"the loss is {loss}", where=where, fix=_slower(lr))
    if spread < _COLLAPSED:
        what = f"the embeddings have collapsed (spread {spread:.1e})"
        raise TrainingError(what, where=where, fix=f"{_slower(lr)} or a larger batch")


def check_weights(module: nn.Module, *, where: str, lr: float) -> None:
    """Raise TrainingError if a parameter or buffer of `module` is not finite."""
    broken = [name for name, tensor in module.state_dict().items() if not torch.isfinite(tensor).all()]
    if broken:
        raise TrainingError(f"the weights {broken[0]} are not finite", where=where, fix=_slower(lr))


def _slower(lr: float) -> str:
    return f"try a lower learning rate (--set lr={lr / 4:g})"
