"""Work done by several processes together, on CPUs, as `--devices` lets them."""

from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dejavu_tui.encoders.places import Place
from dejavu_tui.encoders.team import open_team

SECONDS = 240


def together(work: Callable[..., Any], *arguments: Any, meeting: Path, size: int = 2) -> list[int | None]:
    """Call `work(team, *arguments)` in `size` processes that meet in a file; return their exit codes."""
    places = [Place(rank, size, rank, f"file://{meeting}") for rank in range(size)]
    context = get_context("spawn")
    processes = [context.Process(target=_work, args=(place, work, arguments), daemon=True) for place in places]
    for process in processes:
        process.start()
    for process in processes:
        process.join(SECONDS)
    return [process.exitcode for process in processes]


def _work(place: Place, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    import torch

    torch.set_num_threads(1)
    with open_team(place) as team:
        work(team, *arguments)
