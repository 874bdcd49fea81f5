"""Pictures that look the same, whatever their files: saved anew, in another size or format."""

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Progress, Step, Stop, never, silent

HASH_BYTES = 32
NEAR = 15
"""Bits of 256 that the hashes of one picture may differ in. Different photos differ in about 128; the hash's
authors take up to 31 for one picture. Fewer than there are words in a hash, so that two that are near agree in one.
"""
_SIDE = 64
_PLAIN = 50
"""Quality below which a hash tells little (its authors'), of 100."""
_WORDS = HASH_BYTES // 2


def picture_hash(picture: Image.Image) -> bytes | None:
    """Return the PDQ hash of `picture` (RGB), 32 bytes; None: it is too plain to be told from others.

    Source: Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm" (2019), on the
    picture in grey at 64 x 64, so that a picture's size does not count.
    """
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.HAMMING)
    bits, quality = pdqhash.compute(np.asarray(grey.convert("RGB")))
    return np.packbits(bits).tobytes() if quality >= _PLAIN else None


def first_alike(
    hashes: NDArray[np.uint8], *, progress: Progress = silent, stop: Stop = never
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row of `hashes` (n, 32) the first row whose hash differs in at most NEAR bits, and in how
    many; itself, and 0, if there is none before it.

    Every such pair is found: hashes that differ in at most 15 bits agree in one of their 16 words of 16 bits, and
    all that agree in a word are compared. Raises StoppedError.
    """
    alone, same = np.unique(np.ascontiguousarray(hashes).view(f"V{HASH_BYTES}").ravel(), return_inverse=True)
    rows = np.full(len(alone), len(hashes), np.int64)  # first row of each hash
    np.minimum.at(rows, same, np.arange(len(hashes)))
    order = np.argsort(rows)
    distinct = hashes[rows[order]]  # (m, 32), in order of their first rows
    first = np.arange(len(distinct))
    for word in range(_WORDS):
        progress(Step("compare pictures", word * len(hashes) // _WORDS, len(hashes)))
        _compare(distinct, word, first=first, stop=stop)
    progress(Step("compare pictures", len(hashes), len(hashes)))
    place = np.empty(len(alone), np.int64)
    place[order] = np.arange(len(alone))
    found = rows[order][first[place[same]]]
    return found, np.bitwise_count(hashes ^ hashes[found]).sum(axis=1, dtype=np.int64)


def _compare(hashes: NDArray[np.uint8], word: int, *, first: NDArray[np.int64], stop: Stop) -> None:
    """Lower `first` of every row to the first row that agrees with it in `word` and is near."""
    keys = hashes[:, 2 * word].astype(np.uint16) << 8 | hashes[:, 2 * word + 1]  # (m,)
    order = np.argsort(keys, kind="stable")
    keys, whole = keys[order], np.ascontiguousarray(hashes[order]).view(np.uint64)  # (m, 4)
    quarter = whole[:, 0].copy()  # a first look, which tells nearly all pairs apart
    here, apart = np.arange(len(order)), 1
    while here.size:
        if stop():
            raise StoppedError
        here = here[here + apart < len(order)]
        here = here[keys[here] == keys[here + apart]]
        close = here[np.bitwise_count(quarter[here] ^ quarter[here + apart]) <= NEAR]
        near = close[np.bitwise_count(whole[close] ^ whole[close + apart]).sum(axis=1) <= NEAR]
        np.minimum.at(first, order[near + apart], order[near])
        apart += 1
