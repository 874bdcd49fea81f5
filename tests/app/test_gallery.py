import threading
from pathlib import Path

import pytest
from PIL import Image

from dejavu_tui.app.gallery import Gallery, Shown, Wanted


def made(gallery: Gallery, wanted: Wanted, *, still: bool = True) -> Shown | None:
    """What the gallery hands over within five seconds."""
    got: list[Shown] = []
    done = threading.Event()

    def take(_: Wanted, shown: Shown) -> None:
        got.append(shown)
        done.set()

    gallery.make(wanted, still=lambda: still, done=take)
    done.wait(5 if still else 0.2)
    return got[0] if got else None


def test_makes_a_picture_once_and_then_has_it_at_hand(tmp_path: Path) -> None:
    reads = []

    def read(path: Path) -> Image.Image:
        reads.append(path)
        return Image.new("RGB", (64, 32))

    gallery = Gallery(read=read)
    wanted = Wanted(tmp_path / "a", (16, 16))
    assert gallery.at_hand(wanted) is None
    shown = made(gallery, wanted)
    assert isinstance(shown, Image.Image)
    assert shown.size == (16, 8)
    assert gallery.at_hand(wanted) is shown
    assert made(gallery, wanted) is shown
    assert reads == [tmp_path / "a"]
    gallery.close()


def test_what_nobody_wants_any_more_is_not_read() -> None:
    def read(path: Path) -> Image.Image:
        raise AssertionError(path)

    gallery = Gallery(read=read)
    assert made(gallery, Wanted(Path("a"), (8, 8)), still=False) is None
    gallery.close()


def test_the_cache_is_bounded_and_drops_the_oldest() -> None:
    gallery = Gallery(limit=3 * 10 * 10 * 4, read=lambda _: Image.new("RGB", (10, 10)))
    for name in "abcdefgh":
        made(gallery, Wanted(Path(name), (10, 10)))
    held = [name for name in "abcdefgh" if gallery.at_hand(Wanted(Path(name), (10, 10))) is not None]
    assert held == list("efgh")
    gallery.close()


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
    def read(path: Path) -> Image.Image:
        raise RecursionError(path)

    gallery = Gallery(read=read)
    assert made(gallery, Wanted(Path("a"), (8, 8))) == "cannot be shown: RecursionError"
    gallery.close()
