"""Large arrays that are made row by row: in pieces on disk, so that a stop or a kill loses little of them, and so
that several processes may each make a part; at the end the pieces are put together.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.artefacts import Draft, publish, read_manifest, sha256_json, verify
from dejavu_tui.errors import ArtefactError

PIECE = "piece"
"""Kind of artefact."""
PIECE_SECONDS = 30.0
"""Work that a kill may lose: a piece ends after so long."""


@dataclass(frozen=True, order=True)
class Piece:
    """Rows [first, end) of all arrays, in `folder`; `how` they were made, as their manifest says."""

    first: int
    end: int
    folder: Path
    how: tuple[tuple[str, str], ...]


class Writer:
    """The piece that is being written; its rows go to disk as they come."""

    def __init__(self, draft: Draft, stack: ExitStack) -> None:
        self._draft, self._stack = draft, stack
        self._files: dict[str, BufferedRandom] = {}
        self._shapes: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {}
        self.rows = 0
        self.how: dict[str, str] = draft.how
        """How they are made, for the manifest."""

    def append(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write rows: each of `arrays`, of the same names, types and widths every time, has as many (n, ...)."""
        (count,) = {len(array) for array in arrays.values()}
        for name, array in arrays.items():
            if name not in self._files:
                path = self._draft.folder / f"{name}.npy"
                self._files[name] = self._stack.enter_context(path.open("w+b"))
                self._shapes[name] = array.dtype, array.shape[1:]
                _write_header(self._files[name], 0, *self._shapes[name])
            self._files[name].write(np.ascontiguousarray(array).data)
        self.rows += count

    def close(self) -> None:
        """Write how many rows there are."""
        for name, file in self._files.items():
            file.seek(0)
            _write_header(file, self.rows, *self._shapes[name])
            file.flush()
        self._draft.counts["rows"] = self.rows


class Pieces:
    """The pieces below `room` of arrays that `identity` (settings and hashes of all inputs) decides."""

    def __init__(self, room: Path, *, identity: Mapping[str, Any]) -> None:
        self.room = room
        self.folder = room / sha256_json(identity)[:16]
        self._identity = json.loads(json.dumps(identity))

    def found(self) -> list[Piece]:
        """Return the complete pieces, by their first row."""
        pieces = []
        for folder in sorted(self.folder.glob("[0-9]*")):
            manifest = read_manifest(folder, kind=PIECE)
            if manifest is not None and manifest.identity == self._identity and folder.name.isdecimal():
                first = int(folder.name)
                how = tuple(sorted(manifest.how.items()))
                pieces.append(Piece(first, first + manifest.counts["rows"], folder, how))
        return pieces

    def gaps(self, first: int, end: int) -> list[tuple[int, int]]:
        """Return the ranges of rows within [first, end) that no piece holds, in order."""
        lacking = []
        for piece in self.found():
            if piece.first > first:
                lacking.append((first, min(piece.first, end)))
            first = max(first, piece.end)
            if first >= end:
                break
        if first < end:
            lacking.append((first, end))
        return [(start, stop) for start, stop in lacking if start < stop]

    @contextmanager
    def write(self, first: int, *, libraries: tuple[str, ...]) -> Iterator[Writer]:
        """Give a writer of rows from `first` on; the block's end makes the piece complete.

        Raises OSError, naming the folder: the disk is full, or cannot be written.
        """
        target = self.folder / f"{first:012d}"
        try:
            with (
                publish(target, kind=PIECE, identity=self._identity, libraries=libraries) as draft,
                ExitStack() as stack,
            ):
                writer = Writer(draft, stack)
                yield writer
                writer.close()
        except OSError as error:
            error.filename = error.filename or str(self.folder)
            raise

    def rows(self, *names: str, total: int) -> Iterator[tuple[int, list[NDArray[Any]], dict[str, str]]]:
        """Yield (first, rows of each of the arrays `names`, how they were made), in order and memory-mapped, until
        all `total` rows were given.

        Raises ArtefactError: a piece is damaged, or rows are missing.
        """
        reached = 0
        for piece in self.found():
            if piece.end <= reached or piece.first > reached:
                continue
            verify(piece.folder, kind=PIECE)
            part = slice(reached - piece.first, total - piece.first)
            arrays = [
                np.load(piece.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)[part] for name in names
            ]
            yield reached, arrays, dict(piece.how)
            reached = piece.end
        if reached < total:
            what = f"lacks rows from {reached} on"
            raise ArtefactError(what, where=self.folder, fix="run the same command again to make them")

    def remove(self) -> None:
        """Remove these pieces, and those of former inputs beside them."""
        shutil.rmtree(self.room, ignore_errors=True)


def _write_header(file: BufferedRandom, rows: int, dtype: np.dtype[Any], width: tuple[int, ...]) -> None:
    """Write the header of an .npy file, which is as long for any number of rows."""
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows, *width)}
    np.lib.format.write_array_header_1_0(file, described)
