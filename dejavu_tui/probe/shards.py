"""Rows in a fixed number of shards: threads may take them up, and not a bit of the result depends on who did."""

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
    """`rows` rows, cut into SHARDS ranges, some of them empty if there are fewer rows."""

    def __init__(self, pool: Executor, *, rows: int) -> None:
        self._pool = pool
        self._ranges = [range(rows * shard // SHARDS, rows * (shard + 1) // SHARDS) for shard in range(SHARDS)]

    def map(self, work: Callable[[range], _T]) -> list[_T]:
        """Return what `work` gives for each shard, in their order."""
        return list(self._pool.map(work, self._ranges))


@contextmanager
def sharded(rows: int) -> Iterator[Shards]:
    """Give `rows` in shards. Meanwhile torch computes on one thread within each; afterwards as it did before."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            yield Shards(pool, rows=rows)
    finally:
        torch.set_num_threads(before)
