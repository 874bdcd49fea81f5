"""The embeddings of one view under one encoder at one layer: what decides them, their pieces, and the whole."""

import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, is_current, publish
from dejavu_tui.embeddings.session import BATCHING
from dejavu_tui.embeddings.store import EMBEDDINGS, create, refuse_constant
from dejavu_tui.errors import ArtefactError, StoppedError
from dejavu_tui.pieces import PIECE_SECONDS, Pieces, Writer
from dejavu_tui.records import EncoderId, Stop, View
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.shown import shown_digest
from dejavu_tui.workspace import Audit

STAGE = "embeddings"
VIEWS: tuple[View, ...] = ("public", "crops")
"""What the score needs."""
_VARIED: dict[View, str] = {"public": "X", "own": "its training set"}
"""Views whose images cannot all look alike to a sound encoder, and what they are called."""
_LIBRARIES = ("kornia-rs", "numpy", "onnxruntime", "pillow")
_IDS, _VECTORS = "ids", "vectors"


@dataclass(frozen=True)
class Column:
    """One matrix of embeddings of `audit`."""

    audit: Audit
    encoder: EncoderId
    layer: str
    view: View

    @property
    def name(self) -> str:
        """What tells it from the others of one run over pictures."""
        return f"{self.encoder.folder}.{self.layer}"

    @property
    def folder(self) -> Path:
        """Where the whole matrix is."""
        return self.audit.embeddings_folder(self.encoder, layer=self.layer, view=self.view)

    @property
    def room(self) -> Path:
        """Where its pieces are."""
        return self.audit.pieces_folder(STAGE, self.encoder.run, self.encoder.folder, self.layer, self.view)

    def identity(self) -> dict[str, Any]:
        """Return what decides every number of it. Raises ArtefactError: the encoder is not exported."""
        onnx = digest(self.audit.onnx_folder(self.encoder), kind=ONNX)
        identity = {"audit": self.audit.fingerprint, "encoder": onnx, "layer": self.layer, "view": self.view}
        identity["batch"] = BATCHING
        if self.view not in VIEWS:  # which images these are depends on the encoder too
            identity["images"] = shown_digest(self.audit, self.encoder, self.view)
        return identity

    def is_there(self) -> bool:
        """Tell whether the whole matrix is, of the encoder as it is exported now."""
        return is_current(self.folder, kind=EMBEDDINGS, identity=self.identity())

    def pieces(self) -> Pieces:
        """Return its pieces."""
        return Pieces(self.room, identity=self.identity())

    def put_together(self, ids: NDArray[np.int64], *, dim: int, stop: Stop) -> None:
        """Make the whole matrix (n, dim) of the images `ids` (n,) from its pieces, and remove them.

        Raises ArtefactError: a piece is damaged or of other images; MeasurementError: all rows are equal;
        StoppedError.
        """
        pieces = self.pieces()
        for left in self.folder.parent.glob(f".{self.view}.*.tmp"):  # of a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        with publish(self.folder, kind=EMBEDDINGS, identity=self.identity(), libraries=_LIBRARIES) as draft:
            draft.counts["images"] = len(ids)
            hows: dict[str, set[str]] = {}
            matrix = create(draft.folder, ids=ids, dim=dim)
            for first, (of, rows), how in pieces.rows(_IDS, _VECTORS, total=len(ids)):
                if stop():
                    raise StoppedError
                if not np.array_equal(of, ids[first : first + len(of)]) or rows.shape[1:] != (dim,):
                    what = "holds other images than asked for"
                    raise ArtefactError(what, where=pieces.folder, fix="remove it and run again")
                matrix[first : first + len(rows)] = rows
                for key, value in how.items():
                    hows.setdefault(key, set()).add(value)
            draft.how |= {key: ", ".join(sorted(values)) for key, values in hows.items()}
            if self.view in _VARIED:
                where = str(self.audit.onnx_folder(self.encoder) / ONNX_FILE)
                refuse_constant(matrix, encoder=where, layer=self.layer, images=_VARIED[self.view])
            matrix.flush()
        pieces.remove()


class ColumnWriter:
    """Pieces of several columns that are written side by side, from row `first` on."""

    def __init__(self, columns: Mapping[str, Pieces], stack: ExitStack, *, first: int) -> None:
        self._writers: dict[str, Writer] = {
            name: stack.enter_context(pieces.write(first, libraries=_LIBRARIES)) for name, pieces in columns.items()
        }
        self._began = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether a kill would lose too much."""
        return time.monotonic() - self._began > PIECE_SECONDS

    def append(self, ids: NDArray[np.int64], vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Write rows: `vectors` (n, dim) of each column, of the images `ids` (n,)."""
        for name, writer in self._writers.items():
            writer.append({_IDS: ids, _VECTORS: vectors[name]})

    def note(self, key: str, value: str) -> None:
        """Say how the rows were made."""
        for writer in self._writers.values():
            writer.how[key] = value
