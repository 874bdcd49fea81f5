"""Work in a fixed number of shards: threads may take them up, and not a bit of the result depends on who did."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

SHARDS = 8
"""On every machine: the results of shards are added up in their order."""
_THREADS = min(SHARDS, os.cpu_count() or 1)
_T = TypeVar("_T")


class Shards:
    """Threads that share work out among them."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def over(self, count: int, work: Callable[[range], _T]) -> list[_T]:
        """Return what `work` gives for each of SHARDS ranges that make up range(count), in their order.

        Some of them are empty if there are fewer.
        """
        ends = [count * shard // SHARDS for shard in range(SHARDS + 1)]
        return list(self._pool.map(work, map(range, ends, ends[1:])))


@contextmanager
def sharded() -> Iterator[Shards]:
    """Give threads. Meanwhile torch computes on one thread within each; afterwards on as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            yield Shards(pool)
    finally:
        torch.set_num_threads(before)
