import os
from pathlib import Path

import pytest

from dejavu_tui.images.files import read_regular, reason


def test_reads_whole_file_up_to_limit(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abcd")
    assert read_regular(path, limit=4) == b"abcd"
    with pytest.raises(OSError, match="larger"):
        read_regular(path, limit=3)


def test_a_file_that_tells_no_size_or_grows_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_regular("/proc/self/stat", limit=1 << 20).startswith(str(os.getpid()).encode())
    path = tmp_path / "f"
    path.write_bytes(b"abcd" * 10)
    fstat = os.fstat

    def before(handle: int) -> os.stat_result:
        return os.stat_result([*fstat(handle)[:6], 4, *fstat(handle)[7:10]])

    monkeypatch.setattr(os, "fstat", before)
    assert read_regular(path, limit=40) == b"abcd" * 10
    with pytest.raises(OSError, match="larger"):
        read_regular(path, limit=39)


@pytest.mark.parametrize("sort", ["fifo", "folder", "device"])
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, sort: str) -> None:
    path = tmp_path / "f"
    if sort == "fifo":
        os.mkfifo(path)
    elif sort == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(path, limit=10)


def test_reason_leaves_the_path_out(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        read_regular(tmp_path / "gone", limit=1)
    assert reason(caught.value) == "No such file or directory"
