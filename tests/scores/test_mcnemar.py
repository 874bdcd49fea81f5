import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.scores.mcnemar import mcnemar
from tests import oracles


@given(st.integers(0, 300), st.integers(0, 300))
def test_is_the_exact_sum_and_symmetric(memorized: int, misrepresented: int) -> None:
    assert mcnemar(memorized, misrepresented) == pytest.approx(
        float(oracles.mcnemar(memorized, misrepresented)), rel=1e-9
    )
    assert mcnemar(memorized, misrepresented) == mcnemar(misrepresented, memorized)


def test_no_discordant_pair_speaks_for_neither() -> None:
    assert mcnemar(0, 0) == 1.0


def test_many_pairs() -> None:
    assert mcnemar(1_550, 1_450) == pytest.approx(float(oracles.mcnemar(1_550, 1_450)), rel=1e-9)
    assert mcnemar(60_000, 1) < 1e-300
    assert mcnemar(500_000, 500_000) == 1
