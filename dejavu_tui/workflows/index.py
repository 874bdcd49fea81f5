"""The stored hnswlib index of X under an encoder, and how well it finds."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dejavu_tui.artefacts import digest, is_current, publish, verify
from dejavu_tui.embeddings.store import EMBEDDINGS, read
from dejavu_tui.errors import ArtefactError
from dejavu_tui.neighbours import hnsw
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.seeds import child_seed, generator
from dejavu_tui.workflows.embed import embed
from dejavu_tui.workspace import Audit

INDEX = "index"
"""Kind of artefact."""
RECALL_FILE = "recall.json"
RECALL = 0.99
"""Recall that an index is set to reach unless another is asked for."""


@dataclass(frozen=True)
class IndexRecall:
    """`recall` against exact search of `k` neighbours of a sample of the crops, reached with `ef`."""

    k: int
    ef: int
    recall: float


def build_index(
    audit: Audit, encoder: EncoderId, *, layer: str, progress: Progress, stop: Stop
) -> tuple[Path, IndexRecall]:
    """Return folder and recall of the index of X under `encoder` at `layer`; built, and X embedded, if missing.

    Raises ArtefactError: damaged; BusyError; StoppedError; and all that `embed` raises.
    """
    embed(audit, [encoder], layers=[layer], progress=progress, stop=stop)
    folder = audit.index_folder(encoder, layer=layer)
    identity = _identity(audit, encoder, layer=layer)
    seed = identity["seed"]
    if not is_current(folder, kind=INDEX, identity=identity):
        with (
            audit.lock(at=folder.parents[2]),
            publish(folder, kind=INDEX, identity=identity, libraries=("numpy", "hnswlib")) as draft,
        ):
            public, crops = (
                read(audit.embeddings_folder(encoder, layer=layer, view=view)) for view in ("public", "crops")
            )
            draft.counts["images"] = len(public.ids)

            def report(step: Step) -> None:
                progress(Step(f"index {encoder.folder}", step.done, step.total))

            hnsw.build(draft.folder, vectors=public.vectors, seed=seed, progress=report, stop=stop)
            search = hnsw.HnswSearch(draft.folder, vectors=public.vectors, ids=public.ids)
            k = min(audit.settings.k, len(public.ids))
            sample = hnsw.sample_rows(len(crops.ids), rng=generator(seed, "recall"))
            reached = search.raise_ef(np.ascontiguousarray(crops.vectors[sample]), k=k, wanted=RECALL, stop=stop)
            found = IndexRecall(k=k, ef=search.ef, recall=reached)
            (draft.folder / RECALL_FILE).write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    verify(folder, kind=INDEX)
    return folder, stored_recall(audit, encoder, layer=layer)


def has_index(audit: Audit, encoder: EncoderId, *, layer: str) -> bool:
    """Tell whether the index of X stands as `build_index` would leave it. What it is of must be embedded."""
    identity = _identity(audit, encoder, layer=layer)
    return is_current(audit.index_folder(encoder, layer=layer), kind=INDEX, identity=identity)


def open_index(audit: Audit, encoder: EncoderId, *, layer: str, progress: Progress, stop: Stop) -> hnsw.HnswSearch:
    """Return the index of X, made if missing and set to the recall that it was measured at."""
    folder, found = build_index(audit, encoder, layer=layer, progress=progress, stop=stop)
    return load_index(folder, vectors=audit.embeddings_folder(encoder, layer=layer, view="public"), ef=found.ef)


def load_index(folder: Path, *, vectors: Path, ef: int) -> hnsw.HnswSearch:
    """Return the index in `folder`, made from the embeddings stored in `vectors`. Raises ArtefactError: damaged."""
    public = read(vectors)
    search = hnsw.HnswSearch(folder, vectors=public.vectors, ids=public.ids)
    search.ef = ef
    return search


def stored_recall(audit: Audit, encoder: EncoderId, *, layer: str) -> IndexRecall:
    """Return what was measured when the index was built. Raises ArtefactError: not there or damaged."""
    folder = audit.index_folder(encoder, layer=layer)
    try:
        return IndexRecall(**json.loads((folder / RECALL_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise ArtefactError(
            "is missing or damaged", where=folder / RECALL_FILE, fix=f"remove {folder} and run again"
        ) from None


def _identity(audit: Audit, encoder: EncoderId, *, layer: str) -> dict[str, Any]:
    public_folder = audit.embeddings_folder(encoder, layer=layer, view="public")
    crops_folder = audit.embeddings_folder(encoder, layer=layer, view="crops")
    return {
        "public": digest(public_folder, kind=EMBEDDINGS),
        "crops": digest(crops_folder, kind=EMBEDDINGS),
        "k": audit.settings.k,
        "m": hnsw.M,
        "ef_construction": hnsw.EF_CONSTRUCTION,
        "seed": child_seed(audit.settings.seed, "index"),
    }
