import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejavu_tui.errors import ArtefactError, DecoderGoneError, ImageError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.decoders import open_decoders
from dejavu_tui.images.decoding import Cut, File, cut_out, look_at

WHOLE = Cut((0.0, 0.0, 1.0, 1.0), 12, False)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / os.fsdecode(name) for name in (b"a.png", b"b \xc3\xa4\n.png", b"c\xff.png", b"d.png")]
    for seed, path in enumerate(paths):
        pixels = np.random.default_rng(seed).integers(0, 256, (20 + seed, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


def children() -> set[int]:
    """Processes that this one started and that decode."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"dejavu_tui.images.decoding" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
        except (OSError, ValueError, IndexError):
            continue
    return found


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("workers", [1, 3])
def test_every_image_comes_to_its_place(photos: list[Path], workers: int) -> None:
    cuts = [WHOLE, Cut((0.25, 0.5, 0.5, 0.25), 5, True)]
    asked = [photos[place] for place in (2, 0, 1, 3, 1, 1, 2)]
    rows = [[np.empty((cut.size, cut.size, 3), np.uint8) for cut in cuts] for _ in asked]
    with open_decoders(workers) as decoders:
        assert len(children()) == workers
        for future in [decoders.begin(path, cuts, into=row) for path, row in zip(asked, rows, strict=True)]:
            future.result()
    assert not children()
    for path, row in zip(asked, rows, strict=True):
        for got, expected in zip(row, cut_out(path, cuts), strict=True):
            assert np.array_equal(got, expected)


def test_a_broken_image_is_named_and_the_next_is_decoded(photos: list[Path]) -> None:
    photos[1].write_bytes(photos[1].read_bytes()[:300])
    pixels = np.empty((12, 12, 3), np.uint8)
    with open_decoders(1) as decoders:
        broken, good = (decoders.begin(path, [WHOLE], into=[pixels]) for path in photos[1:3])
        with pytest.raises(ImageError, match=r"b ä\\x0a\.png"):
            broken.result()
        good.result()
    assert np.array_equal(pixels, next(cut_out(photos[2], [WHOLE])))


def files(photos: list[Path]) -> list[File]:
    crops = [None, Box(1, 2, 15, 18), None, Box(0, 0, 30, 23)]
    hashes = [hashlib.sha256(path.read_bytes()).digest() for path in photos]
    return [File(*one) for one in zip(map(str, photos), hashes, crops, strict=True)]


def test_processes_look_at_files_as_this_one_does(photos: list[Path]) -> None:
    asked = files(photos)
    with open_decoders(2) as decoders:
        for some in (asked, asked[2:3], asked[:0]):
            assert np.array_equal(decoders.look(some, size=8), look_at(some, size=8))


def test_a_file_that_is_not_what_it_was_is_named(photos: list[Path]) -> None:
    asked = files(photos)
    photos[1].write_bytes(photos[0].read_bytes())
    photos[2].write_bytes(b"")
    with open_decoders(1) as decoders:
        for look in (decoders.look, look_at):
            with pytest.raises(ArtefactError, match=r"b ä\\x0a\.png: is not as it was at the split; put"):
                look(asked[:2], size=8)
            with pytest.raises(ImageError, match=r"c\\udcff\.png: is an empty file"):
                look(asked[2:], size=8)
        decoders.look(asked[3:], size=8)


def test_signals_are_left_to_the_training(photos: list[Path]) -> None:
    pixels = np.empty((12, 12, 3), np.uint8)
    with open_decoders(1) as decoders:
        (child,) = children()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(child, number)
            decoders.begin(photos[0], [WHOLE], into=[pixels]).result()


def test_a_process_that_is_killed_is_an_error_and_no_wait(photos: list[Path]) -> None:
    pixels = np.empty((12, 12, 3), np.uint8)
    with open_decoders(1) as decoders:
        (child,) = children()
        os.kill(child, signal.SIGKILL)
        with pytest.raises(DecoderGoneError, match="exit code -9"):
            decoders.begin(photos[0], [WHOLE], into=[pixels]).result()
    assert not children()


def test_processes_do_not_outlive_the_one_that_started_them() -> None:
    code = """
import os, signal
from dejavu_tui.images.decoders import open_decoders
from tests.images.test_decoders import children
with open_decoders(2):
    print(*children(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert killed.returncode == -signal.SIGKILL
    pids = [int(word) for word in killed.stdout.split()]
    assert len(pids) == 2
    assert soon(lambda: not any(running(pid) for pid in pids))
