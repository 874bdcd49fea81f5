"""Neighbours in X of all attacked crops under one encoder; one search serves every smaller k."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, publish, read_manifest, verify
from dejavu_tui.config import nearest
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.neighbours.base import Neighbours
from dejavu_tui.records import EncoderId, Progress, Shard, Stop
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.index import has_index
from dejavu_tui.workflows.searching import LIBRARIES, STAGE, Searching, SearchName, search_identity
from dejavu_tui.workflows.shards import shard_lock, whole_lock
from dejavu_tui.workspace import Audit

NEIGHBOURS = "neighbours"
"""Kind of artefact."""
EXACT_LIMIT = 10**14
"""Queries x |X| x dims up to which `auto` is exact: about 20 minutes on 2 cores, what building an index of so
large an X costs. A constant, so that the machine never makes the choice."""
_FILES = ("queries.npy", "ids.npy", "distances.npy")


@dataclass(frozen=True)
class Found:
    """Neighbours of the attacked images `queries` int64 (n,), rising; `recall` of the search, 1 if exact."""

    queries: NDArray[np.int64]
    neighbours: Neighbours
    recall: float
    digest: str


def choose_search(typed: str, *, queries: int, public: int, dim: int) -> SearchName:
    """Return the search that `typed` (auto, exact or hnsw) means for so many queries, images of X and dims.

    Raises RequestError: it is none of them.
    """
    small = queries * public * dim <= EXACT_LIMIT
    meant: dict[str, SearchName] = {"auto": "exact" if small else "hnsw", "exact": "exact", "hnsw": "hnsw"}
    if typed not in meant:
        raise RequestError(f"no search '{safe_text(typed, limit=80)}'", fix=nearest(typed, list(meant)))
    return meant[typed]


def find_neighbours(
    audit: Audit,
    encoder: EncoderId,
    *,
    layer: str,
    k: int,
    name: SearchName,
    recall: float,
    progress: Progress,
    stop: Stop,
) -> Found:
    """Return at least `k` neighbours of every attacked crop; stored ones are reused. Embeddings must be there.

    Raises RequestError: k > |X|; MeasurementError: `hnsw` does not reach `recall`; ArtefactError: damaged;
    BusyError; StoppedError.
    """
    asked = Searching(audit, encoder, layer, k, name, recall, progress, stop)
    folder = asked.folder
    if not _holds(folder, identity=asked.identity(), k=k):
        asked.check()
        with audit.lock(at=audit.pieces_folder(STAGE).parent), whole_lock(asked.room):
            identity, count = asked.identity(), len(asked.crops.ids)
            asked.fill(0, count)
            pieces = asked.pieces()
            with publish(folder, kind=NEIGHBOURS, identity=identity, libraries=LIBRARIES) as draft:
                parts = [arrays for _, arrays, _ in pieces.rows("ids", "distances", total=count)]
                ids, distances = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
                for file, array in zip(_FILES, (asked.crops.ids, ids, distances), strict=True):
                    np.save(draft.folder / file, array, allow_pickle=False)
                reached = json.dumps({"recall": asked.reached})
                (draft.folder / "search.json").write_text(reached + "\n", encoding="utf-8")
                draft.counts |= {"k": k, "images": count}
            pieces.remove()
    return _read(folder)


def search_shard(
    audit: Audit,
    encoder: EncoderId,
    *,
    layer: str,
    k: int,
    name: SearchName,
    recall: float,
    shard: Shard,
    progress: Progress,
    stop: Stop,
) -> None:
    """Find the neighbours of the attacked crops of `shard`, for a later `find_neighbours` of the same to take.

    Raises as `find_neighbours` does; RequestError also: an index is asked for that is not there yet.
    """
    if name == "hnsw" and not has_index(audit, encoder, layer=layer):
        what = "the index of X is not there yet"
        raise RequestError(what, where=audit.index_folder(encoder, layer=layer), fix="run `dejavu index` first")
    asked = Searching(audit, encoder, layer, k, name, recall, progress, stop)
    with shard_lock(audit, asked.room, shard):
        if not _holds(asked.folder, identity=asked.identity(), k=k):
            asked.check()
            asked.fill(*shard.range(len(asked.crops.ids), unit=1))


def stored_digest(
    audit: Audit, encoder: EncoderId, *, layer: str, k: int, name: SearchName, recall: float
) -> str | None:
    """Return the digest of what `find_neighbours` would only read, None if it would search. Reads manifests alone.

    Embeddings must be there. Raises ArtefactError: a damaged manifest.
    """
    folder = audit.neighbours_folder(encoder, layer=layer, search=name)
    if name == "hnsw" and not has_index(audit, encoder, layer=layer):
        return None
    identity = search_identity(audit, encoder, layer=layer, k=k, name=name, recall=recall)
    return digest(folder, kind=NEIGHBOURS) if _holds(folder, identity=identity, k=k) else None


def read_stored(audit: Audit, encoder: EncoderId, *, layer: str, name: SearchName, state: str) -> Found:
    """Return neighbours whose `stored_digest` is `state`, memory-mapped; hashed once, however often they are asked.

    Raises ArtefactError: damaged.
    """
    return _opened(audit.neighbours_folder(encoder, layer=layer, search=name), state)


def _holds(folder: Path, *, identity: dict[str, Any], k: int) -> bool:
    """Tell whether neighbours made from just these inputs are in `folder`, and at least `k` of each image."""
    manifest = read_manifest(folder, kind=NEIGHBOURS)
    return manifest is not None and manifest.identity == identity and manifest.counts.get("k", 0) >= k


@lru_cache(maxsize=64)
def _opened(folder: Path, _state: str) -> Found:
    return _read(folder)


def _read(folder: Path) -> Found:
    verify(folder, kind=NEIGHBOURS)
    try:
        queries, ids, distances = (np.load(folder / file, mmap_mode="r", allow_pickle=False) for file in _FILES)
        reached = float(json.loads((folder / "search.json").read_text(encoding="utf-8"))["recall"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ArtefactError("holds no readable neighbours", where=folder, fix="remove it and run again") from None
    types = (queries.dtype, ids.dtype, distances.dtype)
    if types != (np.int64, np.int64, np.float64) or ids.shape != distances.shape or ids.shape[:-1] != queries.shape:
        raise ArtefactError("holds tables that do not fit together", where=folder, fix="remove it and run again")
    return Found(queries, Neighbours(ids, distances), reached, digest(folder, kind=NEIGHBOURS))
