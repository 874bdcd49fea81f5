"""A teacher: a copy of a network that follows it slowly and takes no gradient."""

import copy
from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def make_teacher(student: Network) -> Network:
    """Return a copy of `student` that takes no gradient."""
    return copy.deepcopy(student).requires_grad_(False)


@torch.no_grad()
def follow(student: nn.Module, *, teacher: nn.Module, momentum: float) -> None:
    """Change each parameter of `teacher` to `momentum` times itself and 1 - `momentum` times that of `student`.

    Only parameters: a teacher in train mode keeps the running means and variances of its batch norm by what it sees
    itself, as in the code of the authors of BYOL, MoCo and DINO.
    """
    for own, others in zip(teacher.parameters(), student.parameters(), strict=True):
        own.lerp_(others, 1 - momentum)
