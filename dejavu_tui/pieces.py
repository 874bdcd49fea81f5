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

from dejavu_tui.artefacts import publish, read_manifest, sha256_json, verify
from dejavu_tui.errors import ArtefactError

PIECE = "piece"
"""Kind of artefact."""


@dataclass(frozen=True, order=True)
class Piece:
    """Rows [first, end) of all arrays, in `folder`."""

    first: int
    end: int
    folder: Path


class Writer:
    """The piece that is being written; its rows go to disk as they come."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._files: dict[str, BufferedRandom] = {}
        self._shapes: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {}
        self.rows = 0

    def append(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write rows: each of `arrays`, of the same names, types and widths every time, has as many (n, ...)."""
        (count,) = {len(array) for array in arrays.values()}
        for name, array in arrays.items():
            if name not in self._files:
                path = self._folder / f"{name}.npy"
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


class Pieces:
    """The pieces in `folder` of arrays that `identity` (settings and hashes of all inputs) decides."""

    def __init__(self, folder: Path, *, identity: Mapping[str, Any]) -> None:
        self.folder = folder / sha256_json(identity)[:16]
        self._identity = json.loads(json.dumps(identity))

    def found(self) -> list[Piece]:
        """Return the complete pieces, by their first row."""
        pieces = []
        for folder in sorted(self.folder.glob("[0-9]*")):
            manifest = read_manifest(folder, kind=PIECE)
            if manifest is not None and manifest.identity == self._identity and folder.name.isdecimal():
                first = int(folder.name)
                pieces.append(Piece(first, first + manifest.counts["rows"], folder))
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
        """Give a writer of rows from `first` on; the block's end makes the piece complete."""
        target = self.folder / f"{first:012d}"
        with (
            publish(target, kind=PIECE, identity=self._identity, libraries=libraries) as draft,
            ExitStack() as stack,
        ):
            writer = Writer(draft.folder, stack)
            yield writer
            writer.close()
            draft.counts["rows"] = writer.rows

    def load(self, piece: Piece, name: str) -> NDArray[Any]:
        """Return the rows of the array `name` in `piece`, memory-mapped. Raises ArtefactError: it is damaged."""
        verify(piece.folder, kind=PIECE)
        rows: NDArray[Any] = np.load(piece.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return rows

    def rows(self, name: str, *, total: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield (first, rows) of the array `name`, in order and memory-mapped, until all `total` rows were given.

        Raises ArtefactError: a piece is damaged, or rows are missing.
        """
        reached = 0
        for piece in self.found():
            if piece.end <= reached or piece.first > reached:
                continue
            rows = self.load(piece, name)
            yield reached, rows[reached - piece.first : total - piece.first]
            reached = piece.end
        if reached < total:
            what = f"lacks rows from {reached} on"
            raise ArtefactError(what, where=self.folder, fix="run the same command again to make them")

    def remove(self) -> None:
        """Remove all pieces."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_header(file: BufferedRandom, rows: int, dtype: np.dtype[Any], width: tuple[int, ...]) -> None:
    """Write the header of an .npy file, which is as long for any number of rows."""
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows, *width)}
    np.lib.format.write_array_header_1_0(file, described)
