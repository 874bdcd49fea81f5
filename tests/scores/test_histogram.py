import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.inference.confidence import confidence
from dejavu_tui.records import KINDS
from dejavu_tui.scores.histogram import BINS, edges, histogram_rows


def samples(k: int, counts: list[list[int]]) -> pl.DataFrame:
    """Images whose neighbours vote as `counts`; the reference encoder's are those of the images reversed."""
    sure = confidence(np.array([row + [0] * (k - len(row)) for row in counts]))
    n = len(counts)
    return pl.DataFrame(
        {
            "part": [("A", "B", "E")[i % 3] for i in range(n)],
            "kind": [KINDS[i % 4] for i in range(n)],
            "target_confidence": sure,
            "reference_confidence": sure[::-1],
        }
    )


@st.composite
def voted(draw: st.DrawFn) -> tuple[int, pl.DataFrame]:
    k = draw(st.integers(1, 30))
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        row, left = [], k
        while left:
            row.append(draw(st.integers(1, left)))
            left -= row[-1]
        rows.append(sorted(row, reverse=True))
    return k, samples(k, rows)


@settings(deadline=None, max_examples=30)
@given(voted())
def test_every_image_is_in_the_one_bin_that_holds_its_confidence(made: tuple[int, pl.DataFrame]) -> None:
    k, frame = made
    rows = histogram_rows(frame, k=k)
    for row in rows.iter_rows(named=True):
        last = row["high"] == 0
        wanted = [
            value
            for value in frame.filter(part=row["part"], kind=row["kind"])[f"{row['encoder']}_confidence"]
            if row["low"] <= value and (value <= row["high"] if last else value < row["high"])
        ]
        assert row["images"] == len(wanted)
    for encoder in ("target", "reference"):
        assert rows.filter(encoder=encoder)["images"].sum() == frame.height


def test_the_edges_run_from_no_agreement_to_full_agreement() -> None:
    steps = edges(100)
    assert len(steps) == BINS + 1
    assert steps[0] == pytest.approx(-math.log(100), abs=1e-12)
    assert steps[-1] == 0
    assert np.allclose(np.diff(steps), math.log(100) / BINS)


def test_a_confidence_on_an_edge_is_in_the_bin_above_and_the_ends_are_inside() -> None:
    rows = histogram_rows(samples(100, [[10] * 10, [1] * 100, [100]]), k=100)
    of_target = rows.filter((pl.col("encoder") == "target") & (pl.col("images") > 0)).sort("low")
    assert of_target["low"].round(9).to_list() == [
        round(-math.log(100), 9),
        round(-math.log(10), 9),  # ten classes of ten votes: the middle of the range, exactly an edge
        round(-math.log(100) / BINS, 9),
    ]


def test_one_neighbour_is_always_sure() -> None:
    rows = histogram_rows(samples(1, [[1]] * 5), k=1)
    assert rows.select("low", "high").unique().rows() == [(0.0, 0.0)]
    assert rows.filter(encoder="target")["images"].sum() == 5
