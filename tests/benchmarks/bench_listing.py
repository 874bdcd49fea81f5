"""How long a filter and an order take on a million attacked images, and a tag on as many."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing, places
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.records import KINDS

ROWS = 1_000_000
NAMES = {label: f"n{label:08d} class {label}" for label in range(1000)}
FILTERS = [
    "",
    "kind:memorized",
    "kind:memorized conf:-2..-1 gap>0.1",
    'guess:"n00000007 class 7"',
    'class~"class 7"',
    "path~_77",
    "tag:ok",
    "kind:memorized path~0007 -tag:ok",
    "swan",
    "-swan",
]


def _samples() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    label = np.sort(rng.integers(0, 1000, ROWS))
    return pl.DataFrame(
        {
            "image_id": np.arange(ROWS) * 3,
            "path": [f"train/n{one:08d}/n{one:08d}_{place}.JPEG" for place, one in enumerate(label)],
            "part": np.array(["A", "B", "E"])[rng.choice(3, ROWS, p=[0.45, 0.45, 0.1])],
            "label": label,
            "target_guess": rng.integers(0, 1000, ROWS),
            "reference_guess": rng.integers(0, 1000, ROWS),
            "target_confidence": -rng.random(ROWS) * 4,
            "reference_confidence": -rng.random(ROWS) * 4,
            "confidence_gap": rng.random(ROWS),
            "kind": np.array(KINDS)[rng.integers(0, 4, ROWS)],
        }
    )


def _seconds(work: Callable[[], object], *, times: int = 5) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


@pytest.mark.bench
def test_filter_and_sort() -> None:
    """Budget on two cores: 0.25 s for any of these filters, sorted by confidence or by any other field."""
    samples = _samples()
    tagged = np.random.default_rng(1).choice(ROWS, 100_000, replace=False) * 3
    tags = {int(image_id): frozenset(["ok"]) for image_id in tagged}
    asked = [Listing(parse(typed), "conf", True) for typed in FILTERS]
    asked += [Listing(parse("kind:memorized"), sort, descending) for sort, descending in SORTS.items()]
    took = {
        (str(one.filter), one.sort): _seconds(lambda one=one: places(samples, one, names=NAMES, tags=tags))  # type: ignore[misc]
        for one in asked
    }
    print(f"\n{ROWS:,} rows, 100,000 of them tagged")
    for (typed, sort), seconds in took.items():
        print(f"{seconds * 1e3:6.0f} ms  {typed or '(empty)'}, by {sort}")
    assert max(took.values()) < 0.25


@pytest.mark.bench
def test_tag_and_read(tmp_path: Path) -> None:
    """A tag on all the images at once, and the file read again by another process."""
    start = time.perf_counter()
    TagFile(tmp_path).tag(range(ROWS), tag="ok")
    tagged = time.perf_counter() - start
    start = time.perf_counter()
    file = TagFile(tmp_path)
    assert file.read().counts == {"ok": ROWS}
    read = time.perf_counter() - start
    again = _seconds(file.read)
    one = _seconds(lambda: file.tag([int(time.perf_counter_ns())], tag="look"))
    print(f"\n{ROWS:,} images tagged in {tagged:.2f} s, read in {read:.2f} s, again {again * 1e3:.2f} ms; "
          f"one more tag {one * 1e3:.1f} ms")  # fmt: skip
    assert read < 5
    assert again < 0.01
