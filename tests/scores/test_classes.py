import math
from fractions import Fraction
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.records import KINDS
from dejavu_tui.scores.classes import class_rows

CLASSES = pl.DataFrame({"label": [0, 1, 2], "label_name": ["ant", "bee", "cat"]})
SCHEMA = {"part": pl.String, "label": pl.Int64, "target_hit": pl.Boolean, "reference_hit": pl.Boolean}
IMAGES = st.lists(st.tuples(st.sampled_from("ABE"), st.integers(0, 2), st.booleans(), st.booleans()), min_size=1)


def frame(rows: list[tuple[str, int, bool, bool]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@settings(deadline=None)
@given(IMAGES)
def test_each_number_is_a_count_by_hand(images: list[tuple[str, int, bool, bool]]) -> None:
    found = class_rows(frame(images), CLASSES, directions=True)
    parts = {"both": "AB", "A": "A", "B": "B"} | ({"E": "E"} if any(image[0] == "E" for image in images) else {})
    assert found["direction"].unique(maintain_order=True).to_list() == list(parts)
    for row in found.iter_rows(named=True):
        of_class = [i for i in images if i[0] in parts[row["direction"]] and i[1] == row["label"]]
        assert row["n"] == len(of_class)
        if not of_class:
            assert "is attacked" in row["note"]
            assert all(row[name] is None for name in ("accuracy_target", "accuracy_reference", "gap", *KINDS))
            continue
        assert row["note"] is None
        for name, wanted in {
            "accuracy_target": [hit for _, _, hit, _ in of_class],
            "accuracy_reference": [hit for _, _, _, hit in of_class],
            "memorized": [target and not reference for _, _, target, reference in of_class],
            "correlated": [target and reference for _, _, target, reference in of_class],
            "misrepresented": [reference and not target for _, _, target, reference in of_class],
            "unassociated": [not target and not reference for _, _, target, reference in of_class],
        }.items():
            assert row[name] == pytest.approx(float(Fraction(sum(wanted), len(of_class))), abs=1e-12)


@settings(deadline=None)
@given(IMAGES)
def test_the_identities_hold_in_each_class(images: list[tuple[str, int, bool, bool]]) -> None:
    for row in class_rows(frame(images), CLASSES).filter(pl.col("n") > 0).iter_rows(named=True):
        assert row["memorized"] + row["correlated"] == pytest.approx(row["accuracy_target"], abs=1e-12)
        assert row["misrepresented"] + row["correlated"] == pytest.approx(row["accuracy_reference"], abs=1e-12)
        assert row["memorized"] - row["misrepresented"] == pytest.approx(row["gap"], abs=1e-12)
        assert math.fsum(row[kind] for kind in KINDS) == pytest.approx(1, abs=1e-12)


@settings(deadline=None)
@given(IMAGES, st.randoms(use_true_random=False))
def test_no_order_can_change_a_number(images: list[tuple[str, int, bool, bool]], rng: Random) -> None:
    shuffled = list(images)
    rng.shuffle(shuffled)
    assert class_rows(frame(images), CLASSES).equals(class_rows(frame(shuffled), CLASSES[::-1]))
