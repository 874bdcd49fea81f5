"""What stands beside an hnswlib index, and the checks before one is loaded.

hnswlib believes its file: a wrong dimension loads and answers, a forged size ends the process. So the header and
every link are read here first, and held against the sidecar and against X.
"""

import struct
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from dejavu_tui.artefacts import sha256_file
from dejavu_tui.errors import ArtefactError

Bytes: TypeAlias = NDArray[np.uint8]
INDEX_FILE = "index.bin"
SIDECAR_FILE = "index.json"
_MAX_LEVEL = 64
_ROWS = 1024
_HEADER = struct.Struct("<6QiI3QdQ")
"""offset of level 0, capacity, count, bytes of an element, offsets of label and data, top level, entry point,
links above level 0, links on level 0, M, level factor, ef of the construction."""


class Sidecar(BaseModel):
    """The index: how many vectors of which size, how it was built, and the hash of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    dim: int
    metric: Literal["l2"] = "l2"
    m: int
    ef_construction: int
    seed: int
    sha256: str


def write_sidecar(folder: Path, sidecar: Sidecar) -> None:
    """Write `sidecar`, with the hash of the index in `folder`, beside it."""
    complete = sidecar.model_copy(update={"sha256": sha256_file(folder / INDEX_FILE)})
    (folder / SIDECAR_FILE).write_text(complete.model_dump_json(indent=1) + "\n", encoding="utf-8")


def check_index(folder: Path, *, vectors: NDArray[np.float32]) -> None:
    """Check the index in `folder`, which is to hold just `vectors` (N, d) in their order.

    Raises ArtefactError: another index, or one that hnswlib must not be given.
    """
    count, dim = vectors.shape
    try:
        sidecar = Sidecar.model_validate_json((folder / SIDECAR_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise _refusal("has no readable sidecar", folder) from None
    if (sidecar.count, sidecar.dim) != (count, dim):
        raise _refusal(f"is of {sidecar.count} x {sidecar.dim} numbers, but X has {count} x {dim}", folder)
    path = folder / INDEX_FILE
    if not path.is_file() or sha256_file(path) != sidecar.sha256:
        raise _refusal("is missing or damaged (other hash than its sidecar says)", folder)
    if path.stat().st_size < _HEADER.size + count * _element_size(sidecar):
        raise _refusal("is too short", folder)
    data = np.memmap(path, dtype=np.uint8, mode="r")
    top, entry = _check_header(data, sidecar, folder)
    _check_vectors(data[_HEADER.size :], vectors, sidecar, folder)
    _check_graph(data[_HEADER.size :], sidecar, folder, top=top, entry=entry)


def _check_header(data: Bytes, sidecar: Sidecar, folder: Path) -> tuple[int, int]:
    """Return top level and entry point. Raises ArtefactError: the header does not fit the sidecar."""
    header = _HEADER.unpack(data[: _HEADER.size].tobytes())
    level0, capacity, found, element, label_at, data_at, top, entry, links, links0, m, _factor, _ef = header
    links_size = _links_size(sidecar)
    fits = (
        (level0, capacity, found) == (0, sidecar.count, sidecar.count)
        and (data_at, label_at, element) == (links_size, links_size + 4 * sidecar.dim, _element_size(sidecar))
        and (links, links0, m) == (sidecar.m, 2 * sidecar.m, sidecar.m)
        and 0 <= top < _MAX_LEVEL
        and entry < sidecar.count
    )
    if not fits:
        raise _refusal("has a header that does not fit it", folder)
    return top, entry


def _check_vectors(data: Bytes, vectors: NDArray[np.float32], sidecar: Sidecar, folder: Path) -> None:
    """Raise ArtefactError if the index holds other vectors than `vectors`, or calls them by other places."""
    count, element, links_size = sidecar.count, _element_size(sidecar), _links_size(sidecar)
    elements = data[: count * element].reshape(count, element)
    for start in range(0, count, _ROWS):
        held = elements[start : start + _ROWS, links_size:].copy()
        label = held[:, -8:].copy().view(np.uint64).ravel()
        same = held[:, :-8].copy().view(np.float32) == vectors[start : start + _ROWS]
        if not same.all() or not np.array_equal(label, np.arange(start, start + len(held), dtype=np.uint64)):
            raise _refusal("holds other vectors than X", folder)


def _check_graph(data: Bytes, sidecar: Sidecar, folder: Path, *, top: int, entry: int) -> None:
    """Raise ArtefactError if a link leads nowhere, or the lists do not fill the file exactly."""
    count, element, links_size = sidecar.count, _element_size(sidecar), _links_size(sidecar)
    elements = data[: count * element].reshape(count, element)
    base = elements[:, :links_size].copy().view(np.uint32)  # (count, 1 + 2M): how many links, the links
    raw, at, width = data[count * element :].tobytes(), 0, 4 + 4 * sidecar.m
    levels = np.zeros(count, np.int64)
    upper: list[list[NDArray[np.uint32]]] = [[] for _ in range(top)]
    sound = True
    for image in range(count):
        size = int.from_bytes(raw[at : at + 4], "little")
        at += 4
        if size % width or size > top * width or at + size > len(raw):
            raise _refusal("has lists that do not fit it", folder)
        levels[image] = size // width
        for level in range(size // width):
            upper[level].append(np.frombuffer(raw, np.uint32, width // 4, at + level * width))
        at += size
    sound = sound and at == len(raw) and levels[entry] == top == levels.max() and _lead(base, levels, level=0)
    for level, lists in enumerate(upper, start=1):
        sound = sound and _lead(np.array(lists), levels, level=level)
    if not sound:
        raise _refusal("holds links that lead nowhere", folder)


def _lead(lists: NDArray[np.uint32], levels: NDArray[np.int64], *, level: int) -> bool:
    """Tell whether all links of `lists` (m, 1 + links) lead to images that have lists at `level`."""
    used = lists[:, :1] & 0xFFFF  # the upper half of the first number holds flags
    if (used >= lists.shape[1]).any():
        return False
    links = lists[:, 1:][np.arange(lists.shape[1] - 1) < used]
    return bool((links < len(levels)).all() and (levels[links] >= level).all())


def _links_size(sidecar: Sidecar) -> int:
    """Bytes of an element's links on level 0: how many, and room for 2M."""
    return 4 + 4 * 2 * sidecar.m


def _element_size(sidecar: Sidecar) -> int:
    """Bytes of an element: links, vector, label."""
    return _links_size(sidecar) + 4 * sidecar.dim + 8


def _refusal(what: str, folder: Path) -> ArtefactError:
    return ArtefactError(f"the index of X {what}", where=folder / INDEX_FILE, fix=f"remove {folder} and run again")
