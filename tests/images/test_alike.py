from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.alike import HASH_BYTES, NEAR, first_alike, picture_hash


def photo(seed: int, *, width: int = 320, height: int = 240) -> Image.Image:
    """Return a picture with shapes of all sizes, as photos have, from a seed."""
    rng = np.random.default_rng(seed)
    layers = []
    for cells in (4, 8, 16):
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        layers.append(np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64))
    mixed = np.sum(layers, axis=0)
    return Image.fromarray((255 * (mixed - mixed.min()) / np.ptp(mixed)).astype(np.uint8))


def saved(picture: Image.Image, kind: str, **how: int) -> Image.Image:
    file = BytesIO()
    picture.save(file, kind, **how)
    return Image.open(file).convert("RGB")


def bits(one: bytes | None, other: bytes | None) -> int:
    assert one is not None
    assert other is not None
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.mark.parametrize("seed", range(5))
def test_a_picture_saved_anew_is_near(seed: int) -> None:
    before = photo(seed)
    known = picture_hash(before)
    assert known is not None
    assert len(known) == HASH_BYTES
    for again in (
        saved(before, "JPEG", quality=60),
        saved(before, "WEBP", quality=80),
        saved(before.resize((160, 120)), "PNG"),
        saved(before.resize((640, 480)), "JPEG", quality=90),
        before.convert("L").convert("RGB"),
    ):
        assert bits(known, picture_hash(again)) <= NEAR


def test_other_pictures_are_not() -> None:
    hashes = [picture_hash(photo(seed)) for seed in range(40)]
    assert min(bits(one, other) for n, one in enumerate(hashes) for other in hashes[:n]) > 2 * NEAR


def test_a_plain_picture_has_no_hash() -> None:
    assert picture_hash(Image.new("RGB", (300, 200), (9, 200, 30))) is None
    assert picture_hash(Image.new("RGB", (1, 1))) is None


def pairwise(hashes: NDArray[np.uint8]) -> tuple[list[int], list[int]]:
    """Return what `first_alike` has to, every row compared with every one before it."""
    numbers = [int.from_bytes(row.tobytes()) for row in hashes]
    first, apart = [], []
    for n, number in enumerate(numbers):
        near = [(m, (number ^ numbers[m]).bit_count()) for m in range(n + 1)]
        place, distance = next((m, distance) for m, distance in near if distance <= NEAR)
        first.append(place)
        apart.append(distance)
    return first, apart


@given(data=st.data(), seeds=st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_every_pair_that_is_near_is_found(data: st.DataObject, seeds: list[int]) -> None:
    rows = []
    for seed in seeds:
        row = np.unpackbits(np.random.default_rng(seed).integers(0, 256, HASH_BYTES, dtype=np.uint8))
        flipped = data.draw(st.sets(st.integers(0, 255), max_size=NEAR + 3))
        row[sorted(flipped)] ^= 1
        rows.append(np.packbits(row))
    hashes = np.stack(rows)
    first, apart = first_alike(hashes)
    assert (first.tolist(), apart.tolist()) == pairwise(hashes)


def test_bits_spread_over_all_words_but_one_are_found_and_one_more_is_not() -> None:
    zeros = np.zeros((3, HASH_BYTES), np.uint8)
    zeros[1, 2::2] = 1  # a bit in each of 15 words
    zeros[2, ::2] = 128  # a bit in each of 16: not near the first row, nor the second
    first, apart = first_alike(zeros)
    assert first.tolist() == [0, 0, 2]
    assert apart.tolist() == [0, NEAR, 0]


def test_no_hashes_and_a_stop() -> None:
    first, _ = first_alike(np.empty((0, HASH_BYTES), np.uint8))
    assert first.shape == (0,)
    with pytest.raises(StoppedError):
        first_alike(np.eye(4, HASH_BYTES, dtype=np.uint8), stop=lambda: True)
