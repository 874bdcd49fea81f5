import errno
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.artefacts import publish
from dejavu_tui.embeddings.store import EMBEDDINGS, create, read, refuse_constant
from dejavu_tui.errors import ArtefactError, MeasurementError

IDS = np.array([2, 5, 9])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "embeddings"
    with publish(target, kind=EMBEDDINGS, identity={}) as draft:
        matrix = create(draft.folder, ids=IDS, dim=2)
        matrix[:] = np.arange(6).reshape(3, 2)
        matrix.flush()
    return target


def test_what_was_written_is_read(folder: Path) -> None:
    found = read(folder)
    assert found.ids.tolist() == IDS.tolist()
    assert found.vectors.tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("name", ["vectors.npy", "ids.npy"])
@pytest.mark.parametrize("where", [0, 70, -1])
def test_a_changed_byte_is_refused_and_the_file_named(folder: Path, name: str, where: int) -> None:
    data = bytearray((folder / name).read_bytes())
    data[where] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ArtefactError, match=name):
        read(folder)


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        (np.array([1, 1, 2]), np.zeros((3, 2), np.float32)),
        (np.array([1, 2]), np.zeros((3, 2), np.float32)),
        (np.array([1, 2, 3]), np.zeros((3, 2))),
        (np.array([1.0, 2, 3]), np.zeros((3, 2), np.float32)),
        (np.array([1, 2, 3]), np.array([[None]] * 3, object)),
    ],
)
def test_tables_that_are_no_embeddings_are_refused(tmp_path: Path, ids: object, vectors: object) -> None:
    with publish(tmp_path / "e", kind=EMBEDDINGS, identity={}) as draft:
        np.save(draft.folder / "ids.npy", np.asarray(ids))
        np.save(draft.folder / "vectors.npy", np.asarray(vectors), allow_pickle=True)
    with pytest.raises(ArtefactError):
        read(tmp_path / "e")


def test_equal_embeddings_are_refused() -> None:
    rng = np.random.default_rng(0)
    base = (30 * rng.standard_normal(64)).astype(np.float32)
    constant = np.tile(base, (50, 1))
    noise = np.nextafter(constant, np.float32(np.inf), where=rng.random(constant.shape) < 0.5, out=constant.copy())
    for vectors in (constant, noise, np.zeros((50, 64), np.float32)):
        with pytest.raises(MeasurementError, match="layer projector are all equal"):
            refuse_constant(vectors, encoder="A", layer="projector")
    spread = (base + 1e-3 * rng.standard_normal((50, 64))).astype(np.float32)
    refuse_constant(spread, encoder="A", layer="projector")
    refuse_constant(base[None], encoder="A", layer="projector")


def test_the_matrix_is_a_plain_array_of_numpy(tmp_path: Path) -> None:
    matrix = create(tmp_path, ids=IDS, dim=2)
    matrix[:] = np.arange(2 * len(IDS)).reshape(-1, 2)
    matrix.flush()
    np.save(tmp_path / "expected.npy", np.array(matrix))
    assert (tmp_path / "vectors.npy").read_bytes() == (tmp_path / "expected.npy").read_bytes()


def test_a_disk_without_room_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space left") as caught:
        create(tmp_path, ids=IDS, dim=2)
    assert caught.value.filename == str(tmp_path / "vectors.npy")
