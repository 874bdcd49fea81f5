"""The optimisers, and which weights decay."""

import torch
from torch import nn

from dejavu_tui.config import RunSettings


def make_optimizer(module: nn.Module, settings: RunSettings) -> torch.optim.Optimizer:
    """Return the optimiser of all parameters of `module` that training changes.

    The first group decays; the second, of biases and the weights of batch and layer norm, does not, and LARS scales
    its rate by no norm, as the authors of SimCLR, Barlow Twins, BYOL, VICReg and DINO do. LARS is lightly's: its
    local rate is equation 6 of arXiv 1708.03888, where those authors divide by the norm of the gradient and the
    decayed weights together.
    """
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=settings.lr, fused=True)
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, fused=True)
    from lightly.utils.lars import LARS

    lars: torch.optim.Optimizer = LARS(groups, lr=settings.lr, momentum=settings.momentum)
    return lars


def set_rates(optimizer: torch.optim.Optimizer, *, lr: float, weight_decay: float) -> None:
    """Give an optimiser of `make_optimizer` the learning rate and the weight decay of its next step."""
    decaying, others = optimizer.param_groups
    decaying["lr"] = others["lr"] = lr
    decaying["weight_decay"] = weight_decay
