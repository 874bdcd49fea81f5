"""The stages that are parallel over images, whole or one shard of them: embed, then search.

Shards of a stage may be done by any number of processes, in any order, on any machines that see the audit folder.
A stage that is asked for whole does what shards have left and puts all together, to the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dejavu_tui.errors import RequestError
from dejavu_tui.neighbours.base import check_k
from dejavu_tui.records import USUAL, Compute, Precision, Progress, Shard, Stop
from dejavu_tui.workflows.columns import VIEWS
from dejavu_tui.workflows.embed import missing_layers
from dejavu_tui.workflows.index import RECALL, build_index
from dejavu_tui.workflows.pairs import Pair, prepare_pairs, read_pair, search_of, search_pair, search_shard_of_pair
from dejavu_tui.workflows.runs import choose_run
from dejavu_tui.workflows.search import choose_search
from dejavu_tui.workflows.shown import images_of
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Asked:
    """What is to be embedded and searched, in plain values: other processes and machines can be told."""

    run: str
    epochs: tuple[int, ...]
    k: int
    layers: tuple[str, ...] | None = None
    """None: the one that is measured where none is named."""
    search: str = "auto"
    recall: float = RECALL
    precision: Precision = "fp32"
    compute: Compute = USUAL


def embed_stage(audit: Audit, asked: Asked, *, shard: Shard | None, progress: Progress, stop: Stop) -> None:
    """Embed X and the crops, or a shard of them. Raises as `check_asked` and `prepare_pairs` do."""
    check_asked(audit, asked)
    _prepared(audit, asked, shard=shard, progress=progress, stop=stop)


def search_stage(audit: Audit, asked: Asked, *, shard: Shard | None, progress: Progress, stop: Stop) -> None:
    """Find the neighbours of all attacked crops, or of a shard of them.

    Raises as `prepare_pairs` and `search_pair` do; RequestError also: a shard is asked for, and embeddings are not
    put together yet.
    """
    check_asked(audit, asked)
    if shard is not None:
        _check_embedded(audit, asked)
    pairs, layers = _prepared(audit, asked, shard=None, progress=progress, stop=stop)
    how: dict[str, Any] = {
        "k": asked.k,
        "search": asked.search,
        "recall": asked.recall,
        "progress": progress,
        "stop": stop,
    }
    for pair in pairs:
        for layer in layers:
            if shard is None:
                search_pair(audit, pair, layer=layer, **how)
            else:
                search_shard_of_pair(audit, pair, layer=layer, shard=shard, **how)


def prepare_search(audit: Audit, asked: Asked, *, progress: Progress, stop: Stop) -> None:
    """Build the indexes of X, if a search by them is meant: shards only read them. X must be embedded.

    Raises as `build_index` does.
    """
    chosen = choose_run(audit, asked.run)
    for epoch in asked.epochs:
        pair = read_pair(audit, chosen, epoch, precision=asked.precision)
        for layer in asked.layers or (pair.usual_layer,):
            name, _ = search_of(audit, pair, layer=layer, k=asked.k, search=asked.search)
            for encoder in pair.encoders.values() if name == "hnsw" else ():
                build_index(audit, encoder, layer=layer, progress=progress, stop=stop)


def check_asked(audit: Audit, asked: Asked) -> None:
    """Raise RequestError for a k, search or recall that cannot be, before anything is done."""
    check_k(asked.k, size=images_of(audit, "public").height)
    choose_search(asked.search, queries=1, public=1, dim=1)
    if not 0 < asked.recall <= 1:
        raise RequestError("the recall is a share", fix="choose --recall above 0, at most 1")


STAGES: dict[str, Callable[..., None]] = {"embed": embed_stage, "search": search_stage}
"""In their order."""


def _prepared(
    audit: Audit, asked: Asked, *, shard: Shard | None, progress: Progress, stop: Stop
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    return prepare_pairs(
        audit,
        run=asked.run,
        epochs=asked.epochs,
        layers=asked.layers,
        precision=asked.precision,
        compute=asked.compute,
        shard=shard,
        progress=progress,
        stop=stop,
    )


def _check_embedded(audit: Audit, asked: Asked) -> None:
    chosen = choose_run(audit, asked.run)
    for epoch in asked.epochs:
        pair = read_pair(audit, chosen, epoch, precision=asked.precision)
        layers = asked.layers or (pair.usual_layer,)
        for encoder in pair.encoders.values():
            if any(missing_layers(audit, encoder, layers=layers, view=view) for view in VIEWS):
                raise RequestError(
                    f"{encoder.folder} is not embedded yet",
                    where=f"run {asked.run}",
                    fix=f"run `dejavu embed --run {asked.run}` without --shard: it puts the shards together",
                )
