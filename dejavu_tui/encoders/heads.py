"""The projector: the MLP between the backbone embedding and the loss (METHOD section 5)."""

from torch import nn


def projector(width: int, spec: str) -> tuple[nn.ModuleList, tuple[int, ...]]:
    """Return the blocks of a projector for backbone embeddings of `width`, and the width of each block's output.

    `spec` names the widths of its linear layers, as in `8192-8192-8192`. Each is followed by batch norm and
    ReLU, but the last, which has no bias (the authors of VICReg and SimCLR).
    """
    widths = tuple(int(part) for part in spec.split("-"))
    blocks: list[nn.Module] = []
    before = width
    for after in widths[:-1]:
        blocks.append(nn.Sequential(nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU(inplace=True)))
        before = after
    blocks.append(nn.Linear(before, widths[-1], bias=False))
    return nn.ModuleList(blocks), widths
