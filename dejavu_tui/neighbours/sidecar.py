"""What stands beside an hnswlib index, and the checks before one is loaded.

hnswlib believes its file: a wrong dimension loads and answers, a forged size ends the process. So the header and
every link are read here first, and held against the sidecar and against X.
"""

import struct
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from dejavu_tui.artefacts import sha256_file
from dejavu_tui.errors import ArtefactError

INDEX_FILE = "index.bin"
SIDECAR_FILE = "index.json"
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


def check_index(folder: Path, *, count: int, dim: int) -> None:
    """Check the index in `folder`, which is to hold `count` vectors of `dim` numbers.

    Raises ArtefactError: another index, or one that hnswlib must not be given.
    """
    try:
        sidecar = Sidecar.model_validate_json((folder / SIDECAR_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise _refusal("has no readable sidecar", folder) from None
    if (sidecar.count, sidecar.dim) != (count, dim):
        raise _refusal(f"is of {sidecar.count} x {sidecar.dim} numbers, but X has {count} x {dim}", folder)
    path = folder / INDEX_FILE
    if not path.is_file() or sha256_file(path) != sidecar.sha256:
        raise _refusal("is missing or damaged (other hash than its sidecar says)", folder)
    data = np.memmap(path, dtype=np.uint8, mode="r")
    if len(data) < _HEADER.size:
        raise _refusal("is too short", folder)
    header = _HEADER.unpack(data[: _HEADER.size].tobytes())
    level0, capacity, found, element, label_at, data_at, top, entry, links, links0, m, _factor, _ef = header
    links_size = 4 + 4 * 2 * sidecar.m
    if (
        (level0, capacity, found) != (0, count, count)
        or (label_at, data_at, element) != (links_size + 4 * dim, links_size, links_size + 4 * dim + 8)
        or (links, links0, m) != (sidecar.m, 2 * sidecar.m, sidecar.m)
        or not (0 <= top < 64 and entry < count)
        or len(data) < _HEADER.size + count * element
    ):
        raise _refusal("has a header that does not fit it", folder)
    end = _HEADER.size + count * element
    elements = data[_HEADER.size : end].reshape(count, element)
    base = elements[:, :links_size].copy().view(np.uint32)  # (count, 1 + 2M): how many links, the links
    labels = elements[:, label_at : label_at + 8].copy().view(np.uint64).ravel()
    upper = _upper_levels(data[end:], count=count, width=4 + 4 * sidecar.m, top=top)
    if (
        upper is None
        or not _links_fit(base, count)
        or not _links_fit(upper, count)
        or not np.array_equal(np.sort(labels), np.arange(count, dtype=np.uint64))
    ):
        raise _refusal("holds links or labels that lead nowhere", folder)


def _upper_levels(data: np.ndarray, *, count: int, width: int, top: int) -> np.ndarray | None:
    """Return the link lists above level 0 (m, 1 + M); None if they do not fill `data` exactly."""
    raw, at, lists = data.tobytes(), 0, []
    for _ in range(count):
        if at + 4 > len(raw):
            return None
        size = int.from_bytes(raw[at : at + 4], "little")
        at += 4
        if size % width or size > top * width or at + size > len(raw):
            return None
        if size:
            lists.append(np.frombuffer(raw, np.uint32, size // 4, at).reshape(-1, width // 4))
            at += size
    if at != len(raw):
        return None
    return np.concatenate(lists) if lists else np.zeros((0, width // 4), np.uint32)


def _links_fit(lists: np.ndarray, count: int) -> bool:
    used = lists[:, :1] & 0xFFFF  # the upper half of the first number holds flags
    inside = np.arange(lists.shape[1] - 1) < used
    return bool((used < lists.shape[1]).all() and (lists[:, 1:][inside] < count).all())


def _refusal(what: str, folder: Path) -> ArtefactError:
    return ArtefactError(f"the index of X {what}", where=folder / INDEX_FILE, fix=f"remove {folder} and run again")
