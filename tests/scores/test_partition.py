import numpy as np
from hypothesis import given

from dejavu_tui.records import KINDS
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.partition import kind_codes, kind_counts
from tests.scores.strategies import answers


def test_four_kinds() -> None:
    codes = kind_codes(np.array([True, True, False, False]), np.array([False, True, True, False]))
    assert [KINDS[code] for code in codes] == ["memorized", "correlated", "misrepresented", "unassociated"]


@given(answers())
def test_counts_add_up(one: Answers) -> None:
    counts = kind_counts(one.target_hit, one.reference_hit)
    assert sum(counts.values()) == len(one)
    assert counts["memorized"] + counts["correlated"] == one.target_hit.sum()
    assert counts["misrepresented"] + counts["correlated"] == one.reference_hit.sum()
