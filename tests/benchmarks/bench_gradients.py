"""Does a training that goes on in new processes end with the same bytes? Gradients summed as one vector,
beside torch's DistributedDataParallel, which Lightning Fabric wraps; run with `make bench`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.multiprocessing.spawn import spawn
from torch.nn.parallel import DistributedDataParallel

from dejavu_tui.encoders.places import Place
from dejavu_tui.encoders.team import open_team

STEPS = 8


@dataclass(frozen=True)
class Part:
    """Steps `first` to `last`, by `size` processes; `wrapped`: by DistributedDataParallel."""

    size: int
    wrapped: bool
    first: int
    last: int
    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state.pt"

    @property
    def digest(self) -> Path:
        return self.folder / "digest"


@pytest.mark.bench
@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_training_that_goes_on_ends_with_the_same_bytes(size: int, tmp_path: Path) -> None:
    same = {wrapped: goes_on_alike(size, tmp_path, wrapped=wrapped) for wrapped in (True, False)}
    print(f"\n{size} processes: DistributedDataParallel {told(same[True])}, ours {told(same[False])}")
    assert same[False]


def goes_on_alike(size: int, folder: Path, *, wrapped: bool) -> bool:
    def digest(first: int, last: int) -> str:
        meeting = folder / f"{wrapped}-{first}-{last}"
        meeting.mkdir()
        part = Part(size, wrapped, first, last, folder)
        spawn(train, (part, meeting), nprocs=size)  # type: ignore[no-untyped-call]
        return part.digest.read_text()

    whole, half = digest(0, STEPS), digest(0, STEPS // 2)
    assert half != whole
    return digest(STEPS // 2, STEPS) == whole


def train(rank: int, part: Part, meeting: Path) -> None:
    """Train a small network on noise, from the state that is stored if these are not the first steps."""
    torch.set_num_threads(1)
    with open_team(Place(rank, part.size, rank, f"file://{meeting / 'meeting'}")) as team:
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(3, 64, 3), nn.ReLU(), nn.Conv2d(64, 512, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(512, 2048), nn.ReLU(), nn.Linear(2048, 256),
        )  # fmt: skip
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
        if part.first:
            state = torch.load(part.state)
            network.load_state_dict(state["network"])
            optimizer.load_state_dict(state["optimizer"])
        trained = DistributedDataParallel(network) if part.wrapped else network
        for step in range(part.first, part.last):
            noise = torch.Generator().manual_seed(100 * step + rank)
            optimizer.zero_grad()
            trained(torch.randn(8, 3, 20, 20, generator=noise)).square().mean().backward()
            if not part.wrapped:
                team.sum_gradients(network)
            optimizer.step()
        if team.first:
            torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict()}, part.state)
            weights = torch.cat([one.detach().flatten() for one in network.parameters()])
            assert weights.isfinite().all()
            part.digest.write_text(hashlib.sha256(weights.numpy().tobytes()).hexdigest())


def told(same: bool) -> str:
    return "the same" if same else "others"
