import errno
import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dejavu_tui.artefacts import (
    MANIFEST,
    digest,
    is_current,
    publish,
    read_manifest,
    sha256_json,
    verify,
    write_atomically,
)
from dejavu_tui.errors import ArtefactError

IDENTITY = {"k": 20, "input": "abc"}


def make(target: Path, text: str = "hello", *, k: int = 20) -> Path:
    with publish(target, kind="toy", identity=IDENTITY | {"k": k}) as draft:
        (draft.folder / "sub").mkdir()
        (draft.folder / "sub" / "a.txt").write_text(text, encoding="utf-8")
        (draft.folder / "free.txt").write_text("edit me", encoding="utf-8")
        draft.editable = frozenset({"free.txt"})
        draft.counts["rows"] = 1
    return target


def test_published_artefact_is_complete_current_and_private(tmp_path: Path) -> None:
    target = make(tmp_path / "deep" / "er" / "toy")
    assert is_current(target, kind="toy", identity=IDENTITY)
    assert not is_current(target, kind="toy", identity=IDENTITY | {"k": 21})
    assert verify(target, kind="toy").counts == {"rows": 1}
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in target.parent.iterdir()] == ["toy"]


def test_same_content_gives_the_same_bytes_and_digest(tmp_path: Path) -> None:
    one, two, other = make(tmp_path / "1"), make(tmp_path / "2"), make(tmp_path / "3", "hallo")
    assert (one / MANIFEST).read_bytes() == (two / MANIFEST).read_bytes()
    assert digest(one, kind="toy") == digest(two, kind="toy") != digest(other, kind="toy")


def test_a_failed_stage_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    target = make(tmp_path / "toy", "old")
    with pytest.raises(ZeroDivisionError), publish(target, kind="toy", identity={}) as draft:
        (draft.folder / "a.txt").write_text("half", encoding="utf-8")
        _ = 1 / 0
    assert (target / "sub" / "a.txt").read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_one_replaces_the_first(tmp_path: Path) -> None:
    make(tmp_path / "toy", "old")
    target = make(tmp_path / "toy", "new", k=7)
    assert (target / "sub" / "a.txt").read_text(encoding="utf-8") == "new"
    assert is_current(target, kind="toy", identity=IDENTITY | {"k": 7})
    assert list(tmp_path.iterdir()) == [target]


def test_absent_is_not_current(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "no", kind="toy") is None
    assert not is_current(tmp_path / "no", kind="toy", identity={})
    with pytest.raises(ArtefactError, match="no complete toy"):
        verify(tmp_path / "no", kind="toy")
    with pytest.raises(ArtefactError, match="no complete toy"):
        digest(tmp_path / "no", kind="toy")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(position=st.floats(0, 0.999), flip=st.integers(1, 255))
def test_any_changed_byte_is_found_and_its_file_named(tmp_path: Path, position: float, flip: int) -> None:
    target = make(tmp_path / "toy", "some content that matters")
    path = target / "sub" / "a.txt"
    data = bytearray(path.read_bytes())
    data[int(position * len(data))] ^= flip
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"a\.txt: is damaged"):
        verify(target, kind="toy")


def test_missing_file_damaged_manifest_and_foreign_kind_are_named(tmp_path: Path) -> None:
    target = make(tmp_path / "toy")
    with pytest.raises(ArtefactError, match="holds 'toy', not 'scores'"):
        verify(target, kind="scores")
    (target / "sub" / "a.txt").unlink()
    with pytest.raises(ArtefactError, match=r"a\.txt: is missing"):
        verify(target, kind="toy")
    (target / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"manifest\.json: is damaged"):
        verify(target, kind="toy")


def test_the_user_may_change_an_editable_file(tmp_path: Path) -> None:
    target = make(tmp_path / "toy")
    (target / "free.txt").write_text("changed", encoding="utf-8")
    verify(target, kind="toy")


@given(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), max_size=4))
def test_hash_of_json_ignores_order(values: dict[str, int | str]) -> None:
    backwards = dict(reversed(values.items()))
    assert sha256_json(values) == sha256_json(backwards) == sha256_json(json.loads(json.dumps(values)))


def test_atomic_write_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def _write_for_ever(folder: str) -> None:
    for number in range(10**9):
        make(Path(folder) / "toy", f"version {number}" * 1000)


@pytest.mark.parametrize("delay", [0.3, 0.4, 0.5])
def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path, delay: float) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=_write_for_ever, args=(str(tmp_path),))
    writer.start()
    while not (tmp_path / "toy" / MANIFEST).exists():
        assert writer.is_alive()
    writer.join(delay)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    if (tmp_path / "toy").exists():
        verify(tmp_path / "toy", kind="toy")
    make(tmp_path / "toy", "after")
    verify(tmp_path / "toy", kind="toy")


def test_a_full_disk_names_the_file_that_it_cuts_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="file") as raised:
        write_atomically(tmp_path / "file", b"after")
    assert raised.value.filename == str(tmp_path / "file")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]
