"""One search of neighbours in X, of all attacked crops or of some of them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from dejavu_tui.artefacts import digest
from dejavu_tui.embeddings.store import EMBEDDINGS, Embeddings, read
from dejavu_tui.errors import MeasurementError
from dejavu_tui.neighbours.base import Neighbours, check_k
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.neighbours.hnsw import HnswSearch, sample_rows
from dejavu_tui.pieces import Pieces
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.seeds import generator
from dejavu_tui.workflows.index import INDEX, build_index, open_index
from dejavu_tui.workspace import Audit

SearchName: TypeAlias = Literal["exact", "hnsw"]
STAGE = "neighbours"
BLOCK = 16_384
"""Crops of one search: what a stop or a kill may lose. X is read once for each."""
LIBRARIES = ("numpy", "faiss-cpu", "hnswlib")


@dataclass(frozen=True)
class Searching:
    """One search of all attacked crops, or of some of them."""

    audit: Audit
    encoder: EncoderId
    layer: str
    k: int
    name: SearchName
    recall: float
    progress: Progress
    stop: Stop

    @property
    def folder(self) -> Path:
        """Where the neighbours of all crops are."""
        return self.audit.neighbours_folder(self.encoder, layer=self.layer, search=self.name)

    @property
    def room(self) -> Path:
        """Where pieces of them are."""
        return self.audit.pieces_folder(STAGE, self.encoder.run, self.encoder.folder, self.layer, self.name)

    def check(self) -> None:
        """Raise RequestError: k > |X|. Asked before there is room for so many."""
        check_k(self.k, size=len(self.public.ids))

    def identity(self) -> dict[str, Any]:
        """Return what decides the neighbours; an index that is missing is made."""
        if self.name == "hnsw":
            build_index(self.audit, self.encoder, layer=self.layer, progress=self.progress, stop=self.stop)
        return search_identity(
            self.audit, self.encoder, layer=self.layer, k=self.k, name=self.name, recall=self.recall
        )

    def pieces(self) -> Pieces:
        """Return what was found in part."""
        return Pieces(self.room, identity=self.identity() | {"k": self.k})

    def fill(self, first: int, end: int) -> None:
        """Find the neighbours of those of the crops [first, end) that no piece holds, in pieces of BLOCK crops."""
        pieces = self.pieces()
        for start, stop in pieces.gaps(first, end):
            for block in range(start, stop, BLOCK):
                found = self.rows(block, min(block + BLOCK, stop))
                with pieces.write(block, libraries=LIBRARIES) as piece:
                    piece.append({"ids": found.ids, "distances": found.distances})

    @cached_property
    def public(self) -> Embeddings:
        """Of X."""
        return read(self.audit.embeddings_folder(self.encoder, layer=self.layer, view="public"))

    @cached_property
    def crops(self) -> Embeddings:
        """Of all attacked images."""
        return read(self.audit.embeddings_folder(self.encoder, layer=self.layer, view="crops"))

    def rows(self, first: int, end: int) -> Neighbours:
        """Return the neighbours of the crops [first, end)."""
        queries = np.ascontiguousarray(self.crops.vectors[first:end])
        if self.name == "exact":
            return self._exact.search(queries, k=self.k)
        reached = self.reached
        if reached < self.recall:
            raise MeasurementError(
                f"the index of X reaches a recall of {reached:.4f}, not {self.recall}",
                where=self.audit.index_folder(self.encoder, layer=self.layer),
                fix="use --search exact, or a lower --recall",
            )
        return self._index.search(queries, k=self.k)

    @cached_property
    def reached(self) -> float:
        """Recall of the search, measured on some of the crops; the index is set to it."""
        if self.name == "exact":
            return 1.0
        sample = sample_rows(len(self.crops.ids), rng=generator(self.audit.settings.seed, "recall"))
        queries = np.ascontiguousarray(self.crops.vectors[sample])
        return self._index.raise_ef(queries, k=self.k, wanted=self.recall, stop=self.stop)

    @cached_property
    def _exact(self) -> ExactSearch:
        return ExactSearch(self.public.vectors, self.public.ids, progress=self._report, stop=self.stop)

    @cached_property
    def _index(self) -> HnswSearch:
        return open_index(self.audit, self.encoder, layer=self.layer, progress=self.progress, stop=self.stop)

    def _report(self, step: Step) -> None:
        self.progress(Step(f"search {self.encoder.folder}", step.done, step.total, self.name))


def search_identity(
    audit: Audit, encoder: EncoderId, *, layer: str, k: int, name: SearchName, recall: float
) -> dict[str, Any]:
    """Return what decides the neighbours of all attacked crops. Embeddings, and the index, must be there."""
    identity: dict[str, Any] = {
        "public": digest(audit.embeddings_folder(encoder, layer=layer, view="public"), kind=EMBEDDINGS),
        "crops": digest(audit.embeddings_folder(encoder, layer=layer, view="crops"), kind=EMBEDDINGS),
        "search": name,
    }
    if name == "hnsw":  # what an index finds depends on k and recall too
        identity |= {"index": digest(audit.index_folder(encoder, layer=layer), kind=INDEX)}
        identity |= {"k": k, "recall": recall}
    return identity
