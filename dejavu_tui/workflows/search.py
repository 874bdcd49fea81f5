"""Neighbours in X of all attacked crops under one encoder; one search serves every smaller k."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, publish, read_manifest, verify
from dejavu_tui.config import nearest
from dejavu_tui.embeddings.store import EMBEDDINGS, read
from dejavu_tui.errors import ArtefactError, MeasurementError, RequestError
from dejavu_tui.neighbours.base import Neighbours, check_k
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.neighbours.hnsw import sample_rows
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.seeds import generator
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.index import INDEX, has_index, open_index
from dejavu_tui.workspace import Audit

SearchName: TypeAlias = Literal["exact", "hnsw"]
NEIGHBOURS = "neighbours"
"""Kind of artefact."""
EXACT_LIMIT = 10**14
"""Queries x |X| x dims up to which `auto` is exact: about 20 minutes on 2 cores, what building an index of so
large an X costs. A constant, so that the machine never makes the choice."""
_LIBRARIES = ("numpy", "faiss-cpu", "hnswlib")
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
    folder = audit.neighbours_folder(encoder, layer=layer, search=name)
    if name == "hnsw":
        index = open_index(audit, encoder, layer=layer, progress=progress, stop=stop)
    identity = _identity(audit, encoder, layer=layer, k=k, name=name, recall=recall)
    if not _holds(folder, identity=identity, k=k):
        public, crops = (
            read(audit.embeddings_folder(encoder, layer=layer, view=view)) for view in ("public", "crops")
        )
        check_k(k, size=len(public.ids))

        def report(step: Step) -> None:
            progress(Step(f"search {encoder.folder}", step.done, step.total, name))

        with (
            audit.lock(at=folder.parents[3]),
            publish(folder, kind=NEIGHBOURS, identity=identity, libraries=_LIBRARIES) as draft,
        ):
            reached = 1.0
            if name == "exact":
                exact = ExactSearch(public.vectors, public.ids, progress=report, stop=stop)
                found = exact.search(crops.vectors, k=k)
            else:
                sample = sample_rows(len(crops.ids), rng=generator(audit.settings.seed, "recall"))
                queries = np.ascontiguousarray(crops.vectors)
                reached = index.raise_ef(queries[sample], k=k, wanted=recall, stop=stop)
                if reached < recall:
                    raise MeasurementError(
                        f"the index of X reaches a recall of {reached:.4f}, not {recall}",
                        where=audit.index_folder(encoder, layer=layer),
                        fix="use --search exact, or a lower --recall",
                    )
                found = index.search(queries, k=k)
            for file, array in zip(_FILES, (crops.ids, found.ids, found.distances), strict=True):
                np.save(draft.folder / file, array, allow_pickle=False)
            (draft.folder / "search.json").write_text(json.dumps({"recall": reached}) + "\n", encoding="utf-8")
            draft.counts |= {"k": k, "images": len(crops.ids)}
    return _read(folder)


def stored_digest(
    audit: Audit, encoder: EncoderId, *, layer: str, k: int, name: SearchName, recall: float
) -> str | None:
    """Return the digest of what `find_neighbours` would only read, None if it would search. Reads manifests alone.

    Embeddings must be there. Raises ArtefactError: a damaged manifest.
    """
    folder = audit.neighbours_folder(encoder, layer=layer, search=name)
    if name == "hnsw" and not has_index(audit, encoder, layer=layer):
        return None
    identity = _identity(audit, encoder, layer=layer, k=k, name=name, recall=recall)
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


def _identity(
    audit: Audit, encoder: EncoderId, *, layer: str, k: int, name: SearchName, recall: float
) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "public": digest(audit.embeddings_folder(encoder, layer=layer, view="public"), kind=EMBEDDINGS),
        "crops": digest(audit.embeddings_folder(encoder, layer=layer, view="crops"), kind=EMBEDDINGS),
        "search": name,
    }
    if name == "hnsw":  # what an index finds depends on k and recall too
        identity |= {"index": digest(audit.index_folder(encoder, layer=layer), kind=INDEX)}
        identity |= {"k": k, "recall": recall}
    return identity


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
