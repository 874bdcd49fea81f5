import io
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from dejavu_tui.app.pixels.gallery import Gallery, Shown, Wanted, read_below


def png(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height)).save(data, "PNG")
    return data.getvalue()


class Storage:
    """Files that are read when they are let through, and a record of the reads."""

    def __init__(self, *, quick: bool = True) -> None:
        self.reads: list[str] = []
        self.gate = threading.Event()
        if quick:
            self.gate.set()

    def read(self, path: Path) -> bytes:
        self.reads.append(path.name)
        self.gate.wait(5)
        return png(64, 32)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def ask(gallery: Gallery, name: str, got: list[str], *, still: bool = True) -> None:
    gallery.make(
        Wanted(Path(name), (16, 16)), still=lambda: still, done=lambda wanted, _: got.append(wanted.path.name)
    )


def made(gallery: Gallery, wanted: Wanted) -> Shown:
    """What the gallery hands over within five seconds."""
    got: list[Shown] = []
    gallery.make(wanted, still=lambda: True, done=lambda _, shown: got.append(shown))
    until(lambda: bool(got))
    return got[0]


def test_makes_a_picture_once_and_then_has_it_at_hand() -> None:
    storage = Storage()
    gallery = Gallery(read=storage.read)
    wanted = Wanted(Path("a"), (16, 16))
    assert gallery.at_hand(wanted) is None
    shown = made(gallery, wanted)
    assert isinstance(shown, Image.Image)
    assert shown.size == (16, 8)
    assert gallery.at_hand(wanted) is shown
    assert made(gallery, wanted) is shown
    assert storage.reads == ["a"]
    gallery.close()


def test_what_nobody_wants_any_more_is_not_read() -> None:
    storage = Storage()
    gallery = Gallery(read=storage.read)
    got: list[str] = []
    ask(gallery, "a", got, still=False)
    ask(gallery, "b", got)
    until(lambda: got == ["b"])
    assert storage.reads == ["b"]
    gallery.close()


def test_a_file_that_many_wait_for_is_read_once() -> None:
    storage = Storage(quick=False)
    gallery = Gallery(read=storage.read)
    got: list[str] = []
    gallery.prefetch([Wanted(Path("a"), (16, 16))])
    until(lambda: storage.reads == ["a"])
    for _ in range(3):
        ask(gallery, "a", got)
    storage.gate.set()
    until(lambda: got == ["a"] * 3)
    assert storage.reads == ["a"]
    gallery.close()


def test_what_is_made_ahead_is_at_hand_and_leaves_threads_for_what_is_waited_for() -> None:
    storage = Storage(quick=False)
    gallery = Gallery(read=storage.read)
    ahead = [Wanted(Path(f"{n:02d}"), (16, 16)) for n in range(20)]
    gallery.prefetch(ahead)
    until(lambda: len(storage.reads) == 4)
    got: list[str] = []
    ask(gallery, "seen", got)
    until(lambda: "seen" in storage.reads)
    assert sorted(storage.reads) == ["00", "01", "02", "03", "seen"]
    storage.gate.set()
    until(lambda: all(gallery.at_hand(wanted) is not None for wanted in ahead))
    assert got == ["seen"]
    assert len(storage.reads) == 21
    gallery.close()


def test_a_new_wish_replaces_what_was_to_be_made_ahead() -> None:
    storage = Storage(quick=False)
    gallery = Gallery(read=storage.read)
    gallery.prefetch([Wanted(Path(f"a{n}"), (16, 16)) for n in range(9)])
    until(lambda: len(storage.reads) == 4)
    gallery.prefetch([Wanted(Path("b"), (16, 16))])
    storage.gate.set()
    until(lambda: gallery.at_hand(Wanted(Path("b"), (16, 16))) is not None)
    assert sorted(storage.reads) == ["a0", "a1", "a2", "a3", "b"]
    gallery.close()


def test_what_is_made_ahead_fills_half_of_the_cache_at_most() -> None:
    storage = Storage()
    gallery = Gallery(limit=10 * (2048 + 4 * 8 * 8), read=storage.read)
    gallery.prefetch(Wanted(Path(f"{n}"), (8, 8)) for n in range(100))
    until(lambda: gallery.at_hand(Wanted(Path("4"), (8, 8))) is not None)
    time.sleep(0.05)
    assert sorted(storage.reads) == list("01234")
    gallery.close()


def test_the_cache_is_bounded_and_drops_the_oldest() -> None:
    gallery = Gallery(limit=4 * (2048 + 4 * 10 * 5), read=Storage().read)
    for name in "abcdefgh":
        made(gallery, Wanted(Path(name), (10, 10)))
    held = [name for name in "abcdefgh" if gallery.at_hand(Wanted(Path(name), (10, 10))) is not None]
    assert held == list("efgh")
    gallery.close()


def test_closing_waits_for_no_storage() -> None:
    storage = Storage(quick=False)
    gallery = Gallery(read=storage.read)
    got: list[str] = []
    ask(gallery, "a", got)
    until(lambda: storage.reads == ["a"])
    start = time.monotonic()
    gallery.close()
    assert time.monotonic() - start < 1
    storage.gate.set()
    gallery.make(Wanted(Path("b"), (8, 8)), still=lambda: True, done=lambda *_: got.append("b"))
    time.sleep(0.05)
    assert not got


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "cannot be read"), (b"", "empty"), (b"no picture at all", "")],
)
def test_a_broken_image_becomes_its_reason(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    gallery = Gallery()
    shown = made(gallery, Wanted(path, (8, 8)))
    assert isinstance(shown, str)
    assert reason in shown
    assert shown
    gallery.close()


def test_a_decoder_that_fails_in_any_way_costs_one_picture_only() -> None:
    def read(path: Path) -> bytes:
        raise RecursionError(path)

    gallery = Gallery(read=read)
    assert made(gallery, Wanted(Path("a"), (8, 8))) == "cannot be shown: RecursionError"
    gallery.close()


def test_where_the_whole_folder_is_missing_that_is_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    gallery = Gallery(read=partial(read_below, folder))
    assert made(gallery, Wanted(folder / "a.png", (8, 8))) == "image folder missing"
    assert "cannot be read" in str(made(gallery, Wanted(tmp_path / "elsewhere.png", (8, 8))))
    folder.mkdir()
    (folder / "b.png").write_bytes(png(4, 4))
    assert isinstance(made(gallery, Wanted(folder / "b.png", (8, 8))), Image.Image)
    assert "cannot be read" in str(made(gallery, Wanted(folder / "c.png", (8, 8))))
    gallery.close()
