"""Batches of pictures through several encoders: decoding, resizing and computing side by side, results in order.

Every worker takes a batch of its own from the files to the embeddings. So all cores are busy whatever the share of
decoding is, memory is that of a few batches, and no result depends on the number of workers.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.images.pixels import normalise

Vectors: TypeAlias = dict[str, NDArray[np.float32]]
_AHEAD = 2
"""Batches that are begun beyond one for each worker, so that none waits for the results to be written."""


@dataclass(frozen=True)
class Job:
    """An encoder, and for each of its layers that is wanted the name of the result."""

    encoder: OnnxEncoder
    names: dict[str, str]


@contextmanager
def embedded(
    jobs: Sequence[Job], pictures: Pictures, paths: pl.Series, batches: range, *, workers: int
) -> Iterator[Iterator[Vectors]]:
    """Give an iterator over the embeddings of each of `batches` of `pictures`, in order: name, vectors (n, dim).

    `paths` are the names of all pictures. Every encoder looks at each decoded picture. Asking for the next result
    raises what `Pictures.batch` and `OnnxEncoder.run` raise.
    """
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield _in_order(pool, jobs, pictures, paths, batches, ahead=workers + _AHEAD)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor,
    jobs: Sequence[Job],
    pictures: Pictures,
    paths: pl.Series,
    batches: range,
    *,
    ahead: int,
) -> Iterator[Vectors]:
    pending: deque[Future[Vectors]] = deque()
    for number in batches:
        pending.append(pool.submit(_embed, jobs, pictures, paths, number))
        if len(pending) >= ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _embed(jobs: Sequence[Job], pictures: Pictures, paths: pl.Series, number: int) -> Vectors:
    pixels = pictures.batch(number)  # (n, size, size, 3)
    names = paths.slice(number * pictures.size_of_batch, len(pixels)).to_list()
    inputs: dict[tuple[float, ...], NDArray[np.float32]] = {}
    found: Vectors = {}
    for job in jobs:
        card = job.encoder.card
        if (*card.mean, *card.std) not in inputs:
            inputs[*card.mean, *card.std] = normalise(pixels, mean=card.mean, std=card.std)  # (n, 3, size, size)
        vectors = job.encoder.run(inputs[*card.mean, *card.std], layers=list(job.names), names=names)
        found |= {job.names[layer]: array for layer, array in vectors.items()}
    return found
