from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dejavu_tui.records import KINDS
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.rows import Attacked, score_rows
from tests import oracles
from tests.scores.strategies import answers, differ, swapped

PERCENTS = (1, 5, 20, 100)
EMPTY = Answers(np.empty(0), np.empty(0, bool), np.empty(0), np.empty(0, bool))


def rows_of(
    parts: Mapping[Attacked, Answers], *, resamples: int = 20, directions: bool = True
) -> dict[tuple[str, int], dict[str, Any]]:
    found = score_rows(parts, percents=PERCENTS, resamples=resamples, seed=3, directions=directions)
    return {(row["direction"], row["top_percent"]): row for row in found}


@settings(max_examples=40, deadline=None)
@given(answers(), answers())
def test_scores_are_the_oracles_and_the_identities_hold(of_a: Answers, of_b: Answers) -> None:
    rows = rows_of({"A": of_a, "B": of_b})
    for percent in PERCENTS:
        scores = []
        for part, one in {"A": of_a, "B": of_b}.items():
            expected = oracles.score(
                one.target_confidence.tolist(),
                one.target_hit.tolist(),
                one.reference_confidence.tolist(),
                one.reference_hit.tolist(),
                percent,
            )
            scores.append(float(expected))
            assert rows[part, percent]["dejavu_score"] == pytest.approx(float(expected), abs=1e-12)
        both = rows["both", percent]
        assert both["dejavu_score"] == pytest.approx(sum(scores) / 2, abs=1e-12)
        assert both["tie_block"] == max(rows["A", percent]["tie_block"], rows["B", percent]["tie_block"])
    for direction in ("both", "A", "B"):
        row = rows[direction, 100]
        assert row["memorized"] + row["correlated"] == pytest.approx(row["accuracy_target"], abs=1e-12)
        assert row["misrepresented"] + row["correlated"] == pytest.approx(row["accuracy_reference"], abs=1e-12)
        assert row["memorized"] - row["misrepresented"] == pytest.approx(row["dejavu_score"], abs=1e-12)
        assert sum(row[kind] for kind in KINDS) == pytest.approx(1, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(answers(min_size=12, max_size=12), answers(min_size=12, max_size=12))
def test_mcnemar_of_both_pools_the_discordant_pairs(of_a: Answers, of_b: Answers) -> None:
    pooled = [
        sum(int((getattr(one, f"{right}_hit") & ~getattr(one, f"{wrong}_hit")).sum()) for one in (of_a, of_b))
        for right, wrong in (("target", "reference"), ("reference", "target"))
    ]
    row = rows_of({"A": of_a, "B": of_b})["both", 20]
    assert row["mcnemar_p"] == pytest.approx(float(oracles.mcnemar(*pooled)))


@settings(max_examples=20, deadline=None)
@given(answers(), answers())
def test_swapping_the_parts_leaves_both_unchanged(of_a: Answers, of_b: Answers) -> None:
    here, there = rows_of({"A": of_a, "B": of_b}), rows_of({"A": of_b, "B": of_a})
    for percent in PERCENTS:
        assert here["both", percent] == there["both", percent]


@settings(max_examples=20, deadline=None)
@given(answers())
def test_exchanging_the_encoders_turns_the_sign(one: Answers) -> None:
    assume(differ(one))
    here, there = rows_of({"A": one, "B": one}), rows_of({"A": swapped(one), "B": swapped(one)})
    for percent in PERCENTS:
        mine, theirs = here["A", percent], there["A", percent]
        assert mine["dejavu_score"] == -theirs["dejavu_score"]
        assert mine["ci_low"] == pytest.approx(-theirs["ci_high"], abs=1e-12)
        assert mine["memorized"] == theirs["misrepresented"]
        assert mine["mcnemar_p"] == theirs["mcnemar_p"]


@settings(max_examples=20, deadline=None)
@given(answers())
def test_an_encoder_against_itself_scores_zero(one: Answers) -> None:
    itself = Answers(one.target_confidence, one.target_hit, one.target_confidence, one.target_hit)
    for row in score_rows({"A": itself, "B": itself, "E": itself}, percents=PERCENTS, resamples=20, seed=0):
        for name in ("dejavu_score", "ci_low", "ci_high", "memorized", "misrepresented"):
            assert row[name] == 0
        assert row["mcnemar_p"] == 1


def test_which_directions_are_reported() -> None:
    rng = np.random.default_rng(0)
    one = Answers(rng.random(9), rng.random(9) < 0.5, rng.random(9), rng.random(9) < 0.5)
    parts: dict[Attacked, Answers] = {"A": one, "B": one, "E": one}
    assert {direction for direction, _ in rows_of(parts, directions=False)} == {"both", "E"}
    assert {direction for direction, _ in rows_of(parts)} == {"both", "A", "B", "E"}
    assert rows_of(parts)["both", 5]["n"] == 18


def test_one_image_in_each_part() -> None:
    one = Answers(np.array([-1.0]), np.array([True]), np.array([0.0]), np.array([False]))
    row = rows_of({"A": one, "B": one})["both", 1]
    assert (row["n"], row["dejavu_score"], row["ci_low"], row["ci_high"]) == (2, 1.0, 1.0, 1.0)


def test_without_attacked_images_numbers_are_empty_and_the_note_says_why() -> None:
    one = Answers(np.array([-1.0]), np.array([True]), np.array([0.0]), np.array([False]))
    rows = rows_of({"A": EMPTY, "B": one, "E": EMPTY})
    for direction, names in (("A", "A"), ("both", "A"), ("E", "E")):
        row = rows[direction, 20]
        for name in ("accuracy_target", "dejavu_score", "ci_low", "memorized", "mcnemar_p", "tie_block"):
            assert row[name] is None
        assert f"no image of {names} is attacked" in row["note"]
    assert rows["B", 20]["dejavu_score"] == 1.0


def test_no_resamples_no_interval() -> None:
    one = Answers(np.array([-1.0]), np.array([True]), np.array([0.0]), np.array([False]))
    row = rows_of({"A": one, "B": one}, resamples=0)["both", 20]
    assert row["ci_low"] is None
    assert "interval" in row["note"]


@settings(max_examples=10, deadline=None)
@given(answers(), st.integers(0, 5))
def test_same_seed_same_interval(one: Answers, seed: int) -> None:
    here, there = (score_rows({"A": one, "B": one}, percents=PERCENTS, resamples=30, seed=seed) for _ in range(2))
    assert here == there
