import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.artefacts import sha256_file
from dejavu_tui.errors import ArtefactError
from dejavu_tui.neighbours.hnsw import build
from dejavu_tui.neighbours.sidecar import check_index

COUNT, DIM = 300, 4
ELEMENT = 4 + 4 * 32 + 4 * DIM + 8
VECTORS = np.random.default_rng(0).standard_normal((COUNT, DIM)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path, vectors=VECTORS, seed=0)
    check_index(tmp_path, vectors=VECTORS)
    return tmp_path


def resign(folder: Path) -> None:
    """Write the hash of the forged file into the sidecar: the other checks must see it."""
    sidecar = json.loads((folder / "index.json").read_text())
    sidecar["sha256"] = sha256_file(folder / "index.bin")
    (folder / "index.json").write_text(json.dumps(sidecar))


def test_another_x_is_refused(folder: Path) -> None:
    for count, dim in ((COUNT + 1, DIM), (COUNT, DIM + 1)):
        with pytest.raises(ArtefactError, match="but X has"):
            check_index(folder, vectors=np.zeros((count, dim), np.float32))
    other = VECTORS.copy()
    other[-1, -1] += 1
    with pytest.raises(ArtefactError, match="holds other vectors"):
        check_index(folder, vectors=other)


@pytest.mark.parametrize("where", [0, 8, 50, 96, 5000, -1])
def test_any_changed_byte_is_refused(folder: Path, where: int) -> None:
    data = bytearray((folder / "index.bin").read_bytes())
    data[where] ^= 1
    (folder / "index.bin").write_bytes(data)
    with pytest.raises(ArtefactError, match="hash"):
        check_index(folder, vectors=VECTORS)


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "header only": lambda data: data[:96],
    "nothing": lambda _: b"",
    "a huge capacity": lambda data: data[:8] + struct.pack("<Q", 2**40) + data[16:],
    "a capacity below the count": lambda data: data[:8] + struct.pack("<Q", COUNT - 1) + data[16:],
    "a huge count": lambda data: data[:16] + struct.pack("<Q", 2**40) + data[24:],
    "another element size": lambda data: data[:24] + struct.pack("<Q", ELEMENT + 4) + data[32:],
    "an entry point outside": lambda data: data[:52] + struct.pack("<I", COUNT) + data[56:],
    "a top level without end": lambda data: data[:48] + struct.pack("<i", 1000) + data[52:],
    "more links than fit": lambda data: data[:96] + struct.pack("<H", 33) + data[98:],
    "a link outside": lambda data: data[:100] + struct.pack("<I", 2**31) + data[104:],
    "a label that stands twice": lambda data: (
        data[: 96 + ELEMENT - 8] + data[96 + 2 * ELEMENT - 8 : 96 + 2 * ELEMENT] + data[96 + ELEMENT :]
    ),
    "a level list without end": lambda data: (
        data[: 96 + COUNT * ELEMENT] + b"\xff" * 4 + data[100 + COUNT * ELEMENT :]
    ),
    "an upper link to a lower image": lambda data: _upper_link(data),
}


def _upper_link(data: bytes) -> bytes:
    """Let the first list above level 0 point at an image that has no such list."""
    sizes, at, first = [], 96 + COUNT * ELEMENT, 0
    for _ in range(COUNT):
        size = int.from_bytes(data[at : at + 4], "little")
        if size and not first:
            first = at + 8  # past the size of all its lists and the count of the first one
        sizes.append(size)
        at += 4 + size
    return data[:first] + struct.pack("<I", sizes.index(0)) + data[first + 4 :]


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_file_is_refused_before_it_is_loaded(folder: Path, name: str) -> None:
    data = (folder / "index.bin").read_bytes()
    forged = FORGED[name](data)
    assert forged != data
    (folder / "index.bin").write_bytes(forged)
    resign(folder)
    with pytest.raises(ArtefactError):
        check_index(folder, vectors=VECTORS)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"count": 1}'])
def test_a_damaged_sidecar_is_refused(folder: Path, text: str) -> None:
    (folder / "index.json").write_text(text)
    with pytest.raises(ArtefactError, match="sidecar"):
        check_index(folder, vectors=VECTORS)


def test_a_missing_index_is_refused(folder: Path) -> None:
    (folder / "index.bin").unlink()
    with pytest.raises(ArtefactError, match="missing"):
        check_index(folder, vectors=VECTORS)
