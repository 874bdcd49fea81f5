import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.errors import ArtefactError
from dejavu_tui.pieces import Pieces

TOTAL = 20
ROWS: dict[str, NDArray[Any]] = {
    "ids": np.arange(TOTAL),
    "vectors": np.arange(TOTAL * 3, dtype=np.float32).reshape(TOTAL, 3),
}
ranges = st.tuples(st.integers(0, TOTAL - 1), st.integers(1, 8)).map(lambda at: (at[0], min(TOTAL, sum(at))))


def write(pieces: Pieces, first: int, end: int, *, step: int = 3) -> None:
    with pieces.write(first, libraries=()) as piece:
        for start in range(first, end, step):
            piece.append({name: rows[start : min(end, start + step)] for name, rows in ROWS.items()})


def together(pieces: Pieces, name: str) -> NDArray[Any]:
    found = [(first, rows) for first, (rows,), _ in pieces.rows(name, total=TOTAL)]
    assert [first for first, _ in found] == np.cumsum([0, *(len(rows) for _, rows in found)])[:-1].tolist()
    return np.concatenate([rows for _, rows in found])


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(ranges, max_size=6))
def test_any_pieces_and_what_fills_their_gaps_give_all_rows(
    cuts: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    pieces = Pieces(tmp_path_factory.mktemp("pieces"), identity={"seed": 1})
    for first, end in cuts:
        write(pieces, first, end)
    held = {row for piece in pieces.found() for row in range(piece.first, piece.end)}
    gaps = pieces.gaps(0, TOTAL)
    assert {row for first, end in gaps for row in range(first, end)} == set(range(TOTAL)) - held
    for first, end in gaps:
        write(pieces, first, end)
    assert pieces.gaps(0, TOTAL) == []
    for name, rows in ROWS.items():
        assert np.array_equal(together(pieces, name), rows)


def test_what_is_written_is_a_plain_array_of_numpy(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, identity={"seed": 1})
    write(pieces, 4, 9)
    (piece,) = pieces.found()
    assert (piece.first, piece.end) == (4, 9)
    for name, rows in ROWS.items():
        loaded = np.load(piece.folder / f"{name}.npy")
        assert loaded.dtype == rows.dtype
        assert np.array_equal(loaded, rows[4:9])


def test_pieces_of_other_inputs_are_no_pieces(tmp_path: Path) -> None:
    write(Pieces(tmp_path, identity={"seed": 1}), 0, TOTAL)
    other = Pieces(tmp_path, identity={"seed": 2})
    assert other.gaps(0, TOTAL) == [(0, TOTAL)]
    with pytest.raises(ArtefactError, match="lacks rows from 0 on"):
        list(other.rows("ids", total=TOTAL))


def test_how_they_were_made_is_told(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, identity={})
    for first, how in ((0, "cpu"), (5, "cuda")):
        with pieces.write(first, libraries=()) as piece:
            piece.append({"ids": ROWS["ids"][first : first + 5]})
            piece.how["provider"] = how
    assert [how for _, _, how in pieces.rows("ids", total=10)] == [{"provider": "cpu"}, {"provider": "cuda"}]


def test_a_full_disk_names_the_folder(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, identity={})
    with pytest.raises(OSError, match="No space") as caught, pieces.write(0, libraries=()):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(pieces.folder)


def test_what_ends_with_an_error_leaves_nothing(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, identity={})
    with pytest.raises(KeyError), pieces.write(0, libraries=()) as piece:
        piece.append({"ids": ROWS["ids"][:4]})
        raise KeyError
    assert pieces.found() == []
    assert not list(tmp_path.rglob("*.npy"))


def test_missing_and_damaged_rows_are_told(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, identity={})
    write(pieces, 0, 5)
    write(pieces, 8, TOTAL)
    with pytest.raises(ArtefactError, match="lacks rows from 5 on; run the same command again"):
        list(pieces.rows("ids", total=TOTAL))
    write(pieces, 5, 8)
    file = pieces.found()[1].folder / "ids.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtefactError, match=r"ids\.npy: is damaged"):
        list(pieces.rows("ids", total=TOTAL))
    pieces.remove()
    assert not tmp_path.exists()
